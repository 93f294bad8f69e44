/** What the nodes share that work on groups of neighbouring samples: the draws of one, side by side. */
import { groupsOf } from "../../diffusion/index.ts";
import { atPort, facts } from "../checks.ts";
import type { Drawing, DrawnNumber, Value } from "../drawing.ts";
import * as port from "../port.ts";
import type { Size } from "../size.ts";

export const groupParameter = (help: string) =>
  port.number({ default: 0, min: 0, max: 4096, integer: true, help: `${help}; 0: the whole batch.` });

/** How many a group has, and how many groups there are, as far as it is known. Throws a GraphError where samples are left over. */
export function grouped(
  of: number | undefined,
  { batch }: Size = {},
): { readonly of?: number; readonly groups?: number } {
  if (of === undefined || (of === 0 && batch === undefined)) return {};
  const each = of === 0 ? batch! : of;
  return facts({ of: each, groups: batch === undefined ? undefined : atPort("of", () => groupsOf(batch, each)) });
}

/** A number a sample as a row a group, the drawn form of `grouped`. */
export function drawnGroups(numbers: Value, of: DrawnNumber, { op }: Pick<Drawing, "op">) {
  // One group of all is of any number of samples.
  const isOne = of.fixed === 0;
  // What has more than one number a sample is no row of them, and would be taken for more samples.
  const each = op.Squeeze(numbers, op.int64([1, 2, 3]));
  const rows = op.Reshape(each, op.int64(isOne ? [1, -1] : [-1, of.fixed]));
  if (isOne) return { rows, firsts: op.float([0], [1, 1]) };
  const count = op.Squeeze(op.Slice(op.Shape(rows), op.int64([0]), op.int64([1])), op.int64([0]));
  const group = op.Range(op.int64(0), count, op.int64(1));
  /** The first sample of each group, a column of floats. */
  const firsts = op.Mul(op.Reshape(op.Cast(group, { to: "float32" }), op.int64([-1, 1])), of.fixed);
  return { rows, firsts };
}
