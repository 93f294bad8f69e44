/** A network that takes so many samples at a time, drawn as it is asked outside of a drawing (`models/feed.ts`): piece by piece. */
import { GraphError, type Value } from "../../nodes/index.ts";
import type { Dim, GraphBuilder } from "../../onnx/index.ts";

/**
 * Each piece is operators of its own in one graph: 64 of a UNet of 434 operators, differentiated, are built in some 20 s on two cores,
 * and released UNets have several times as many.
 */
const maxPieces = 64;

interface Paper {
  readonly op: GraphBuilder;
  shape(value: Value): readonly Dim[];
}

/** Of how many samples it is asked, and how many it takes. */
interface Counts {
  readonly count: number;
  readonly size: number;
  readonly label: string;
}

/**
 * What has a row a sample, as `x` has, is cut; the last piece is filled up with copies of its last sample, and what is answered
 * is joined. What has no row a sample goes to each piece whole. Throws a GraphError for more pieces than are drawn.
 */
export function piecewise(
  { op, shape }: Paper,
  inputs: ReadonlyMap<string, Value>,
  x: Value,
  { count, size, label }: Counts,
  once: (inputs: ReadonlyMap<string, Value>) => Value,
): Value {
  const pieces = Math.ceil(count / size);
  if (pieces > maxPieces)
    throw new GraphError(
      `${label} takes ${size} ${size === 1 ? "sample" : "samples"} at a time: ${count} would be ${pieces} calls of it in one graph, of which there are ${maxPieces} at most. Sample ${maxPieces * size} at a time (labels, or batch of Gaussian Noise) in more batches, or export it with an open batch (torch.onnx.export with dynamic_axes)`,
    );
  const rest = count - (pieces - 1) * size;
  const sizes = op.int64([...new Array<number>(pieces - 1).fill(size), rest]);
  const filled = op.int64(Array.from({ length: size }, (_, i) => Math.min(i, rest - 1)));
  const [rows] = shape(x);
  const cut = new Map(
    [...inputs].map(([name, value]) => {
      if (shape(value)[0] !== rows) return [name, new Array<Value>(pieces).fill(value)] as const;
      const parts = pieces === 1 ? [value] : op.add("Split", [value, sizes], { axis: 0 }, pieces);
      const last = rest === size ? parts[pieces - 1] : op.Gather(parts[pieces - 1], filled, { axis: 0 });
      return [name, parts.with(-1, last)] as const;
    }),
  );
  const answers = Array.from({ length: pieces }, (_, i) =>
    once(new Map([...cut].map(([name, parts]) => [name, parts[i]] as const))),
  );
  const joined = pieces === 1 ? answers[0] : op.Concat(...answers, { axis: 0 });
  const whole = rest === size ? joined : op.Slice(joined, op.int64([0]), op.int64([count]), op.int64([0]));
  if (typeof rows === "number") return whole;
  // As many as x has under the name that they have there.
  const own = op.Slice(op.Shape(x), op.int64([0]), op.int64([1]));
  return op.Reshape(whole, op.Concat(own, op.Shape(whole, { start: 1 }), { axis: 0 }));
}
