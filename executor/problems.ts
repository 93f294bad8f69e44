/** What can be wrong with what feeds a port, each as the error of the node and port that a person must change. */
import { kindFits, parameterProblem } from "../graphs/document/index.ts";
import { GraphError, type Port, type ScheduleFacts, type StepFacts, scheduleOf } from "../nodes/index.ts";
import { errorAt } from "./errors.ts";
import type { Feed } from "./feed.ts";
import { boundOf, indices, stepsIn } from "./indices.ts";
import type { Placed } from "./scope.ts";
import type { Source } from "./types.ts";

/** A missing or broken wire, or a constant that the port does not take. */
export function feedProblem(feed: Feed, port: Pick<Port, "kind" | "optional" | "parameter">): GraphError | undefined {
  if (feed.is === "nothing") return feed.broken || !port.optional ? feed.error() : undefined;
  if (feed.is !== "value") return undefined;
  const message = parameterProblem(port, feed.value);
  return message === undefined ? undefined : new GraphError(message, feed.port, feed.at.path);
}

/** A node that asks a step for its noise, and is given a counted one. */
export function countedProblem(
  { path }: Placed,
  name: string,
  port: Port,
  facts: object | undefined,
): GraphError | undefined {
  if (port.kind !== "step" || port.counted || !(facts as StepFacts | undefined)?.isCounted) return undefined;
  return new GraphError(
    "It needs to know how noisy the step is, and the steps of Counted Steps are only counted: wire a step of a Diffusion Schedule; a Number Formula reads taken, index, progress and steps of these",
    name,
    path,
  );
}

/**
 * How many steps a loop takes, where the length of its schedule is known before anything runs; or which indices the schedule
 * does not have.
 */
export function stepCount(
  { path }: Placed,
  { order, start, stop }: Readonly<Record<string, Source | undefined>>,
  schedule: object | undefined,
): number | GraphError | undefined {
  const facts = (schedule ?? {}) as ScheduleFacts;
  const rows = scheduleOf(facts) ?? facts;
  const { count } = rows;
  const values = [order, start, stop].map((source) => (source && "value" in source ? source.value : undefined));
  if (count === undefined || values.includes(undefined)) return undefined;
  try {
    const [walk, from, to] = values as [string, number, number];
    return stepsIn(indices({ ...rows, count }, walk, boundOf(start!, from), boundOf(stop!, to)));
  } catch (error) {
    return errorAt(path, error);
  }
}

const sizes = ["batch", "channels", "height", "width"] as const;
type Sizes = Readonly<Partial<Record<(typeof sizes)[number], number>>>;

/** What comes out of a step must be able to go into the next: the same kind, and the same size where both are known. */
export function carriedProblem(
  loop: Placed,
  name: string,
  before: Sizes | undefined,
  after: Sizes | undefined,
): GraphError | undefined {
  const [enters, leaves] = [loop.inputs.get(name)?.kind, loop.outputs.get(name)?.kind];
  const changed = sizes.find((size) => (before?.[size] ?? after?.[size]) !== (after?.[size] ?? before?.[size]));
  if (enters !== undefined && leaves !== undefined && kindFits(leaves, enters) && !changed) return undefined;
  const [as, but] = changed ? [`${changed} ${before?.[changed]}`, `${changed} ${after?.[changed]}`] : [enters, leaves];
  return new GraphError(`"${name}" enters a step as ${as} and leaves it as ${but}`, name, loop.path);
}
