/** In front of a network that takes a timestep: from one float a sample to its type and shape. */
import type { Dim, ValueInfo } from "../ir.ts";
import type { GraphBuilder, Value } from "../rewrite/builder.ts";

export interface TimeFit {
  /** Undefined where there is nothing to do. */
  readonly adapt: ((op: GraphBuilder, t: Value) => Value) | undefined;
  readonly said: readonly string[];
}

/** Whether a shape is that of one number a sample, or of one for all: (), 1, N, N×1, N×1×1×1. */
export const isTimeShape = (dims: readonly Dim[] | undefined): boolean =>
  dims !== undefined && dims.length <= 4 && dims.slice(1).every((dim) => dim === 1);

/** `batch`: the first dimension of the network's picture. An int is truncated, as by the reference's `.long()`. */
export function fitTime({ type, dims = [] }: ValueInfo, batch: Dim | undefined): TimeFit {
  const isOneForAll = dims.length === 0 || (dims.length === 1 && dims[0] === 1 && batch !== 1);
  const isPlain = dims.length === 1 && !isOneForAll;
  if (isPlain && (type === "float32" || type === "int64")) return { adapt: undefined, said: [] };
  const shape = dims.length === 0 ? "a number" : dims.join("×");
  return {
    adapt(op, t) {
      const first = isOneForAll ? op.Slice(t, op.int64([0]), op.int64([1]), op.int64([0])) : t;
      const axes = dims.slice(1).map((_, i) => i + 1);
      const shaped =
        dims.length === 0
          ? op.Squeeze(first, op.int64([0]))
          : axes.length > 0
            ? op.Unsqueeze(first, op.int64(axes))
            : first;
      return type === "float32" ? shaped : op.Cast(shaped, { to: type });
    },
    said: [`t as ${type} ${shape}`],
  };
}
