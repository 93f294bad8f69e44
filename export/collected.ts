/**
 * What a loop collects: values that a node puts behind those of the steps before leave as what a Loop gives of every turn, and
 * what was picked of them is taken behind it.
 */
import { everyStep, type LoopStep, type NodeStep, outputKey, type Source, sourcesOf } from "../executor/index.ts";
import { GraphError, type Value } from "../nodes/index.ts";
import type { Dim } from "../onnx/index.ts";
import { within } from "./frame.ts";
import type { Scan } from "./loop-body.ts";
import { entered, type Traced } from "./traced.ts";
import type { Place, Tracing } from "./tracing.ts";

/** A carried value, and the node of the loop's body that alone reads and makes it. */
export interface Collecting {
  readonly name: string;
  readonly node: NodeStep;
  readonly first: Source | undefined;
}

export function collectingIn(step: LoopStep): readonly Collecting[] {
  const read = everyStep([step]).flatMap(sourcesOf).map(keyOf);
  const isReadOnce = (source: Source) => read.filter((key) => key === keyOf(source)).length === 1;
  return Object.entries(step.carried).flatMap(([name, { first, next }]) => {
    const node = step.each.find((one) => "from" in next && one.path === next.from);
    if (node?.is !== "node" || !node.definition.collects) return [];
    const before = node.inputs[node.definition.collects.before];
    const given: Source = { given: name, by: step.path };
    const isOwn = before && keyOf(before) === keyOf(given) && isReadOnce(given) && isReadOnce(next);
    return isOwn ? [{ name, node, first }] : [];
  });
}

const keyOf = (source: Source): string =>
  "value" in source ? "" : "from" in source ? outputKey(source.from, source.output) : `in ${source.by} ${source.given}`;

/** What is left of a turn, and how it becomes what the loop collects. */
interface Collected {
  readonly scan: Scan;
  /** `all`: of every turn, on the sheet around, behind what was there before. */
  after(all: Value): Value;
}

/** Once the body is traced. `count`: turns of the loop. Throws a GraphError where it cannot be said before anything runs. */
export function collected(
  { name, node, first }: Collecting,
  count: number,
  { sheet }: Place,
  at: Place,
  tracer: Tracing,
): Collected | Extract<Traced, { is: "lost" }> {
  const { each, when } = node.definition.collects!;
  const [item, before] = [tracer.value(node.inputs[each]), first && tracer.value(first)];
  for (const one of [item, before]) if (one?.is === "lost") return one;
  const turns = takenTurns(node.inputs[when], when, count, at, tracer);
  if (!item || (item.is === "drawn" && item.absent && turns[0] < item.absent.turns))
    throw new GraphError(`“${node.title}” is given nothing to collect in the first step`, name);
  const value = entered("tensor", item, at.sheet, tracer.around) as Value;
  const dims = at.sheet.shape(value);
  const sides = dims.slice(1).filter((dim) => typeof dim === "number");
  if (sides.length < 3) throw new GraphError(`how large “${name}” is, is not known before it runs`, name);
  return {
    scan: { name, dims, turns, value: turns.length < count ? onlyIn(turns, value, dims, count, at) : value },
    after(all) {
      const { op } = sheet;
      const taken = turns.length < count ? op.Gather(all, op.int64(turns), { axis: 0 }) : all;
      const rows = op.Reshape(taken, op.int64([-1, ...sides]));
      return before ? op.Concat(entered("tensor", before, sheet, tracer.around) as Value, rows, { axis: 0 }) : rows;
    },
  };
}

/** Which of the loop's turns are collected, in each of its runs the same. */
function takenTurns(when: Source, port: string, count: number, { frame }: Place, tracer: Tracing): readonly number[] {
  const { values } = within(tracer.known(when, port), frame);
  const isTaken = (turn: number) => values[turn] !== 0;
  const turns = Array.from({ length: count }, (_, turn) => turn).filter(isTaken);
  if (values.some((_, turn) => isTaken(turn) !== isTaken(turn % count)))
    throw new GraphError(
      "how much it collects differs from turn to turn of the loop around, which an export cannot say",
      port,
    );
  if (turns.length === 0) throw new GraphError("it collects nothing in any step", port);
  return turns;
}

/** In the other turns zeros, for which nothing need be computed. */
function onlyIn(
  turns: readonly number[],
  value: Value,
  dims: readonly Dim[],
  count: number,
  { frame, sheet }: Place,
): Value {
  const { op } = sheet;
  const numbers = Array.from({ length: frame.turns }, (_, k) => (turns.includes(k % count) ? 1 : 0));
  const isTaken = op.Equal(frame.wholeNumber(sheet, numbers), op.int64(1));
  return op.Where(isTaken, value, sheet.zeros(dims));
}
