/** What is known of a document before anything runs: facts of its wires, and everything that is wrong with it. */
import { type GraphDocument, graphSlot } from "../graphs/document/index.ts";
import { GraphError, type Registry } from "../nodes/index.ts";
import { alongSteps } from "./along-steps.ts";
import { unmetClimbs } from "./climbs.ts";
import { readsOf } from "./differentiate.ts";
import { equalDraws } from "./equal-draws.ts";
import { describe, GraphErrors } from "./errors.ts";
import { workProblem } from "./estimate.ts";
import { factNotes } from "./fact-notes.ts";
import { feedFrom, feedOf, sourceOf } from "./feed.ts";
import { Foretold } from "./foretold.ts";
import { innerNumbers } from "./inner-numbers.ts";
import { type DrawnItem, type Item, runningOf } from "./item.ts";
import { itemsOf } from "./items.ts";
import { Judge } from "./judge.ts";
import type { Ledger } from "./ledger.ts";
import { otherLevels } from "./levels.ts";
import { beforeOf, type Needs, needsOf, ordered } from "./order.ts";
import { Readers } from "./readers.ts";
import { isReroute, type Placed, place, type Scope } from "./scope.ts";
import { stepsOf } from "./steps.ts";
import { equalStarts } from "./streams.ts";
import { togetherIn } from "./together.ts";
import { typedOtherwise } from "./typed-otherwise.ts";
import type { KnownModels, Path, Plan, Source } from "./types.ts";
import { unknownParameters } from "./unknown-parameters.ts";
import { unusedNodes } from "./unused.ts";
import { upgrade } from "./upgrade.ts";

/** The facts of one output; of a graph's own input what enters it. */
export interface OutputFacts {
  readonly path: Path;
  readonly output: string;
  readonly facts: object;
}

export interface Survey {
  readonly problems: readonly GraphError[];
  /** What will run, and may not be meant: a sentence each, of a node. */
  readonly notes: readonly GraphError[];
  /** Of every output of which anything is known. */
  outputs(): OutputFacts[];
  /** Of use only where there are no problems. */
  plan(): Plan;
}

/** Looks at a document, with `targets` only at what these nodes need. */
export function survey(
  document: GraphDocument,
  registry: Registry,
  known: KnownModels,
  targets?: readonly Path[],
): Survey {
  // Put every node in its place, in the words of the definitions at hand.
  const found: GraphError[] = [];
  const root = place(upgrade(document, registry, found), registry, found);
  // Find what runs, and what feeds it.
  const all = new Map<Placed, Item>();
  const dissolved: Placed[] = [];
  const top = itemsOf(root, undefined, { items: all, dissolved });
  // Find what the targets need.
  const wanted = targets ? targets.flatMap((path) => itemsAt(path, all, dissolved)) : effectsOf(all);
  const needs = needsOf(wanted, all);
  const problems = targets ? found.filter(({ path }) => concerns(path, needs)) : found;
  // Put that in order, and judge it.
  const cyclic = new Set<Item>();
  const before = beforeOf(all);
  const inOrder = (body: readonly Item[]) =>
    ordered(targets ? body.filter((item) => needs.items.has(item)) : body, before, cyclic, problems);
  const looksAt = (loop: Item, output: string) => !targets || needs.has(loop, output);
  const isNeeded = (item: Item, output?: string) =>
    output === undefined ? needs.items.has(item) : needs.has(item, output);
  const readOf = (item: DrawnItem) => readsOf(item, needs.items, wanted.includes(item), all);
  const numbers = innerNumbers(all.values());
  const judge = new Judge({
    ...{ all, inOrder, looksAt, needs: isNeeded, readOf },
    ...{ innerNumbers: numbers, cyclic, known, problems },
  });
  judge.judge(inOrder(top));
  const foretold = new Foretold(all, judge.ledger);
  // Only of what is sound can be said how much work it is.
  const tooMuch = problems.length === 0 ? workProblem(stepsOf(judge, foretold)) : undefined;
  if (tooMuch) problems.push(tooMuch);
  const planned = [...all.values()].filter((item) => needs.items.has(item));
  const notes = [
    ...(targets ? [] : unusedNodes(all, wanted, needs, root)),
    ...unknownParameters([...planned.map(({ placed }) => placed), ...(targets ? [] : dissolved)]),
    ...typedOtherwise(planned, foretold),
    ...factNotes(planned, judge.ledger),
    ...alongSteps(planned, foretold, judge.ledger, known),
    ...equalDraws(planned, new Readers(planned, wanted, all), all, foretold, judge.ledger),
    ...equalStarts(planned, foretold),
    ...unmetClimbs(planned, foretold, judge.ledger),
    ...otherLevels(planned, all, foretold, judge.ledger),
  ];
  return {
    problems: distinct(problems),
    notes,
    outputs: () => factsIn(root, judge.ledger),
    plan: () => {
      const steps = stepsOf(judge, foretold);
      const targets = wanted.map(({ placed }) => placed.path);
      const together = togetherIn({ steps, targets });
      return { steps, together, notes, targets, dissolved: Object.fromEntries(dissolved.map(endsOf)) };
    },
  };
}

const effectsOf = (all: ReadonlyMap<Placed, Item>): Item[] =>
  [...all.values()].filter(({ placed: { entry } }) => entry && "effect" in entry && entry.effect);

/** The items that a path means: a node, a loop, all that a subgraph holds, or what feeds a reroute. */
function itemsAt(path: Path, all: ReadonlyMap<Placed, Item>, dissolved: readonly Placed[]): Item[] {
  const reroute = dissolved.find((placed) => placed.path === path && isReroute(placed));
  const feed = reroute && feedOf(reroute, graphSlot);
  const wanted = feed?.is === "output" ? feed.of.path : path;
  const exact = [...all.values()].filter(({ placed }) => placed.path === wanted);
  const some = exact.length > 0 ? exact : [...all.values()].filter(({ placed }) => placed.path.startsWith(`${path}/`));
  const found = [...new Set(some.map(runningOf))];
  if (found.length > 0) return found;
  throw new GraphErrors([
    new GraphError(`Cannot run to node ${path}: no node that runs has this path`, undefined, path),
  ]);
}

/** Problems of nodes that nobody needs do not stop a run to elsewhere; those of what lies around a needed node do. */
function concerns(path: Path | undefined, { items }: Needs): boolean {
  return [...items].some(({ placed }) => placed.path === path || placed.path.startsWith(`${path}/`));
}

/** What each output of a subgraph has become, and that of a reroute. */
function endsOf(placed: Placed): [Path, Record<string, Source>] {
  const ends = isReroute(placed) ? [[graphSlot, placed] as const] : [...(placed.inner?.outputs ?? [])];
  const outputs = ends.flatMap(([name, output]) => {
    const source = sourceOf(feedOf(output, graphSlot));
    return source ? [[name, source] as const] : [];
  });
  return [placed.path, Object.fromEntries(outputs)];
}

function factsIn({ nodes }: Scope, ledger: Ledger): OutputFacts[] {
  return [...nodes.values()].flatMap((placed) => {
    const { path, outputs, inner } = placed;
    const here = [...outputs.keys()].flatMap((output): OutputFacts[] => {
      const facts = ledger.facts(isReroute(placed) ? feedOf(placed, graphSlot) : feedFrom(placed, output));
      return facts ? [{ path, output, facts }] : [];
    });
    return inner ? [...here, ...factsIn(inner, ledger)] : here;
  });
}

const distinct = (problems: readonly GraphError[]): GraphError[] => [
  ...new Map(problems.map((problem) => [describe(problem), problem])).values(),
];
