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
