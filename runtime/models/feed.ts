/** Values of the graph as onnxruntime's tensors and back, without copies where the memory can be shared. */
import { Tensor as OrtTensor } from "onnxruntime-common";
import type { Tensor } from "../../diffusion/index.ts";
import { GraphError, labelsFor, type NetworkFacts } from "../../nodes/index.ts";
import type { ValueInfo } from "../../onnx/index.ts";

export const floats = ({ data, dims }: Tensor): OrtTensor => new OrtTensor("float32", data, dims);

/** The timestep once a sample, in the type that the input wants: int64 is truncated, as by the reference's `.long()`. */
export const timesteps = ({ type }: ValueInfo, t: number, batch: number): OrtTensor =>
  type === "int64"
    ? new OrtTensor("int64", new BigInt64Array(batch).fill(BigInt(Math.trunc(t))), [batch])
    : new OrtTensor("float32", new Float32Array(batch).fill(t), [batch]);

/**
 * Labels, one a sample or one for all. Throws a GraphError for another number, or one outside the classes, whose number
 * is known of every network that takes labels: reading refuses it otherwise.
 */
export function labelTensor(values: readonly number[], batch: number, { classes = 0 }: NetworkFacts): OrtTensor {
  const each = labelsFor(values, batch);
  const outside = values.find((value) => !Number.isInteger(value) || value < 0 || value >= classes);
  if (outside !== undefined)
    throw new GraphError(`Label ${outside} is outside the network's classes 0 … ${classes - 1}`, "labels");
  return new OrtTensor("int64", BigInt64Array.from(each, BigInt), [batch]);
}

/** An output as a tensor over the same memory. Throws a GraphError when it is of another shape than expected (−1: any). */
export function tensorOf(output: OrtTensor | undefined, dims: readonly number[], source: string): Tensor {
  if (!output || !(output.data instanceof Float32Array))
    throw new GraphError(`Output of ${source} is ${output ? output.type : "missing"}, expected float32`);
  if (output.dims.length !== dims.length || dims.some((dim, axis) => dim >= 0 && dim !== output.dims[axis]))
    throw new GraphError(
      `Output of ${source} has shape ${output.dims.join("×")}, expected ${dims.map((dim) => (dim < 0 ? "?" : dim)).join("×")}`,
    );
  return { dims: output.dims, data: output.data };
}

/**
 * Runs a network that takes `size` samples at a time: tensors with a row a sample are cut, the last piece is filled up with
 * copies of its last sample, and the answers are joined. What has no row a sample goes to each piece whole.
 */
export async function inPieces(
  feeds: Readonly<Record<string, OrtTensor>>,
  size: number,
  once: (feeds: Record<string, OrtTensor>) => Promise<OrtTensor | undefined>,
): Promise<OrtTensor | undefined> {
  const [count] = Object.values(feeds)[0].dims;
  if (count === size) return once({ ...feeds });
  const answers: OrtTensor[] = [];
  for (let begin = 0; begin < count; begin += size) {
    const rows = Array.from({ length: size }, (_, i) => Math.min(begin + i, count - 1));
    const piece = Object.entries(feeds).map(([name, feed]) => [
      name,
      feed.dims[0] === count ? taken(feed, rows) : feed,
    ]);
    const answer = await once(Object.fromEntries(piece) as Record<string, OrtTensor>);
    if (!answer) return undefined;
    answers.push(answer);
  }
  return joined(answers, count);
}

type Row = Float32Array | BigInt64Array;

/** The same rows of a tensor, some perhaps more than once. */
function taken({ type, data, dims }: OrtTensor, rows: readonly number[]): OrtTensor {
  const width = dims.slice(1).reduce((a, b) => a * b, 1);
  const values = data as Float32Array;
  const result = emptyLike(values, rows.length * width);
  for (const [i, row] of rows.entries()) result.set(values.subarray(row * width, (row + 1) * width), i * width);
  return new OrtTensor(type as "float32", result, [rows.length, ...dims.slice(1)]);
}

/** Pieces one behind the other, the last one cut. */
function joined(pieces: readonly OrtTensor[], count: number): OrtTensor {
  const [{ type, dims }] = pieces;
  const width = dims.slice(1).reduce((a, b) => a * b, 1);
  const data = emptyLike(pieces[0].data as Float32Array, count * width);
  let begin = 0;
  for (const piece of pieces) {
    const values = (piece.data as Float32Array).subarray(0, data.length - begin);
    data.set(values, begin);
    begin += values.length;
  }
  return new OrtTensor(type as "float32", data, [count, ...dims.slice(1)]);
}

const emptyLike = (values: Row, length: number): Float32Array =>
  new (values.constructor as Float32ArrayConstructor)(length);
