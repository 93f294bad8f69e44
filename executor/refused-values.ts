/**
 * What nodes would refuse of numbers that wires bring and that are known before a run, as they refuse them typed: an index beyond
 * the channels, a count beyond the group.
 */
import { type AnyNode, GraphError, type Kind, type Known, type Port, type Step, type ValueOf } from "../nodes/index.ts";
import type { Foretold } from "./foretold.ts";
import type { Item } from "./item.ts";
import type { Ledger } from "./ledger.ts";
import { checkWired } from "./parameters.ts";
import type { KnownModels } from "./types.ts";

/** A text may name a file, of which nothing is known yet. */
const looked: ReadonlySet<Kind> = new Set(["number", "number,tensor", "tensor", "boolean"]);

/** At most one note a node: maybe nobody asks for it then, so it is no problem. */
export function refusedValues(item: Item, foretold: Foretold, ledger: Ledger, known: KnownModels): GraphError[] {
  const { entry, path, inputs } = item.placed;
  const definition = entry as AnyNode;
  const judged = ledger.entry(item);
  // One that is foretold has been run already, and has said so itself.
  if (definition.foretold || !judged?.sound) return [];
  const loop = judged.home && (foretold.steps(judged.home)?.length ?? 0) > 0 ? judged.home : undefined;
  const told = [...item.feeds].flatMap(([name, feed]) => {
    const port = inputs.get(name) as Port;
    const values = feed.is === "output" && looked.has(port.kind) ? foretold.along(feed, loop) : undefined;
    return values ? [{ name, port, values }] : [];
  });
  const [first] = told;
  const steps = loop && foretold.steps(loop);
  const turns = Array.from({ length: first?.values.length ?? 0 }, (_, turn) =>
    told.map(({ values }) => wordsOf(values[turn])).join(),
  );
  for (const turn of new Set(turns.map((words) => turns.indexOf(words)))) {
    const given = new Map(told.map(({ name, values }) => [name, values[turn]]));
    try {
      for (const { name, port } of told) if (port.parameter) checkWired(name, port, given.get(name));
      infer(item, given, ledger, known);
    } catch (error) {
      if (!(error instanceof GraphError)) return [];
      const changes = turns.some((words) => words !== turns[turn]);
      const where = changes && steps ? whereIn(steps[turn], item, ledger) : "Here";
      return [new GraphError(`${where} a run that needs it will stop: ${error.message}`, error.port, path)];
    }
  }
  return [];
}

const wordsOf = (value: unknown): string =>
  typeof value === "object" ? `${[...(value as ValueOf<"tensor">).data]}` : String(value);

const whereIn = ({ taken, steps }: Step, item: Item, ledger: Ledger): string =>
  `In step ${taken + 1} of the ${steps} of “${ledger.entry(item)?.home?.placed.title}”`;

/** Asks it once more, as if these values were typed. */
function infer({ placed, feeds }: Item, given: ReadonlyMap<string, unknown>, ledger: Ledger, known: KnownModels): void {
  const facts: Record<string, object | undefined> = {};
  for (const [name, feed] of feeds)
    facts[name] = feed.is === "nothing" ? undefined : ledger.factsAt(feed, placed.inputs.get(name) as Port);
  const asked: Known = {
    ...{ network: (...of) => known.network(...of), image: (id) => known.image(id) },
    tensor: (...of) => known.tensor(...of),
    // Only of what is carried is more known.
    stepsFromNothing: () => undefined,
    parameter(name) {
      if (given.has(name)) return given.get(name);
      const feed = feeds.get(name);
      return feed?.is === "value" ? feed.value : undefined;
    },
  };
  (placed.entry as AnyNode).infer?.(facts, asked);
}
