/**
 * What turns with the step of a loop, as it is wired, and does not turn: an interval that no step lies in, a choice that is one
 * throughout; and what stops a run in some step. It is computed before a run, as far as it follows from what is typed.
 */
import { type AnyNode, GraphError, type Ports } from "../nodes/index.ts";
import type { Foretold } from "./foretold.ts";
import { type Item, isLoopItem, type LoopItem, nodesAmong } from "./item.ts";
import { contentKey, type Ledger } from "./ledger.ts";
import { choiceOf } from "./readers.ts";
import { refusedValues } from "./refused-values.ts";
import type { KnownModels } from "./types.ts";

/** Notes on items that are part of a plan. */
export function alongSteps(
  items: readonly Item[],
  foretold: Foretold,
  ledger: Ledger,
  known: KnownModels,
): readonly GraphError[] {
  const nodes = nodesAmong(items);
  const own = nodes.flatMap((item) => ownNotes(item, foretold, ledger));
  const told = new Set(own.map(({ path }) => path));
  return [
    ...own,
    ...nodes.flatMap((item) => notCarried(item, ledger)),
    ...items
      .filter(isLoopItem)
      .flatMap((loop) => [...stopNotes(loop, foretold), ...aloneNotes(loop, foretold, ledger)]),
    ...nodes.flatMap((item) => choiceNotes(item, foretold, ledger, told)),
    ...nodes.flatMap((item) => [...refusedNotes(item, foretold), ...refusedValues(item, foretold, ledger, known)]),
  ];
}

/** The innermost loop with whose steps it changes, if that takes several. */
function loopOf(item: Item, foretold: Foretold, ledger: Ledger): LoopItem | undefined {
  const loop = ledger.entry(item)?.sound ? ledger.entry(item)?.home : undefined;
  return loop && (foretold.steps(loop)?.length ?? 0) > 1 ? loop : undefined;
}

/** What steps are to hand on and do not, in a loop: it goes through, and every step is as its first. */
function notCarried({ placed, within, feeds }: Item, ledger: Ledger): GraphError[] {
  if (!within) return [];
  const ports = Object.entries((placed.entry as AnyNode).inputs as Ports);
  return ports.flatMap(([name, { carried }]) => {
    const feed = feeds.get(name) ?? { is: "nothing" };
    if (!carried) return [];
    const told = (what: string) => [new GraphError(`${what}: ${carryIt}`, name, placed.path)];
    if (feed.is === "nothing")
      return told(`Nothing is wired to ${name}, so every step of “${within.placed.title}” is as its first`);
    const own = contentKey(ledger.identity(feed));
    const [same] = [...feeds].find(([other, one]) => other !== name && contentKey(ledger.identity(one)) === own) ?? [];
    return same ? told(`What is wired to ${name} is what is wired to ${same}, and nothing of the step before`) : [];
  });
}

const carryIt = "give the loop an input and an output of one name, and wire to it what this node gives";

/** A loop whose way a wire gives, and there is none. */
function stopNotes(loop: LoopItem, foretold: Foretold): GraphError[] {
  const { error } = foretold.refused(loop) ?? {};
  return error ? [new GraphError(`A run will stop here: ${error.message}`, error.port, loop.placed.path)] : [];
}

/** A loop that carries nothing and saves nothing on its way. */
function aloneNotes(loop: LoopItem, foretold: Foretold, ledger: Ledger): GraphError[] {
  const { placed, carried, last } = loop;
  const { sound, effect, count = foretold.steps(loop)?.length ?? 1 } = ledger.entry(loop) ?? {};
  const [output] = last.keys();
  if (!sound || effect || count < 2 || carried.size > 0 || output === undefined) return [];
  const note = `No step goes on from what the one before it made, so of its ${count} steps the last alone counts: ${carryName}`;
  return [new GraphError(note, output, placed.path)];
}

const carryName = "to carry x, say, from step to step, give an input and an output of it the same name";

/** What it will refuse of what it is given: maybe nobody asks for it in that step. */
function refusedNotes(item: Item, foretold: Foretold): GraphError[] {
  const { entry, path } = item.placed;
  const { error, at } = ((entry as AnyNode).foretold && foretold.refused(item)) || {};
  if (!error) return [];
  const where = at ? `In step ${at.step.taken + 1} of the ${at.step.steps} of “${at.loop.placed.title}”` : "Here";
  return [new GraphError(`${where} a run that needs it will stop: ${error.message}`, error.port, path)];
}

/** What its definition says. */
function ownNotes(item: Item, foretold: Foretold, ledger: Ledger): GraphError[] {
  const { notesAlong } = item.placed.entry as AnyNode;
  const loop = notesAlong && loopOf(item, foretold, ledger);
  const steps = loop && foretold.steps(loop);
  if (!notesAlong || !loop || !steps) return [];
  const known = [...item.feeds].map(([name, feed]) => [name, foretold.along(feed, loop)] as const);
  const given = steps.map((_, turn) =>
    Object.fromEntries(known.flatMap(([name, values]) => (values ? [[name, values[turn]]] : []))),
  );
  const notes = Object.entries<string | undefined>(notesAlong(given, loop.placed.title));
  return notes.flatMap(([port, note]) => (note === undefined ? [] : [new GraphError(note, port, item.placed.path)]));
}

/** Of its lazy inputs those that no step asks for, although what decides is wired to the step; it may be told where it is made. */
function choiceNotes(item: Item, foretold: Foretold, ledger: Ledger, told: ReadonlySet<unknown>): GraphError[] {
  const loop = loopOf(item, foretold, ledger);
  const steps = loop && foretold.steps(loop);
  if (!loop || !steps) return [];
  return [...item.feeds].flatMap(([port, feed]) => {
    const choice = choiceOf(item, port);
    const changing = choice?.deciding.find(([, feed]) => ledger.home(feed) === loop);
    if (!choice || !changing || feed.is === "nothing") return [];
    const [name, by] = changing;
    if (by.is === "output" && told.has(by.of.path)) return [];
    const known = choice.deciding.map(([name, feed]) => [name, foretold.along(feed, loop)] as const);
    if (known.some(([, values]) => !values)) return [];
    const asks = steps.some((_, turn) =>
      choice.needs(Object.fromEntries(known.map(([name, values]) => [name, values?.[turn]]))).includes(port),
    );
    if (asks) return [];
    const note = `In none of the ${steps.length} steps of “${loop.placed.title}” does its ${name} choose what is wired to ${port}`;
    return [new GraphError(note, name, item.placed.path)];
  });
}
