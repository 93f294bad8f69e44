/**
 * A Slice backwards whose ends are computed takes other values on WebGPU, as one does whose ends are known (wrong-kernels.ts). All
 * of the axis is turned around, which is right there, and cut forwards: place i of n is n − 1 − i then.
 */
import { is } from "../rewrite/pattern.ts";
import { row } from "../rewrite/row.ts";

/** Before the first value of any axis. */
const far = 2 ** 31 - 1;

export const turnedSlice = row({
  pattern: is.Slice("x", "starts", "ends", "axes", "steps"),
  becomes(op, { x, starts, ends, axes, steps }, { numbers, type }) {
    const by = numbers(steps);
    if (!by?.some((step) => step < 0) || (numbers(starts) && numbers(ends))) return undefined;
    const along = axes === "" ? by.map((_, axis) => axis) : numbers(axes);
    if (!along) return undefined;
    const turning = along.filter((_, i) => by[i] < 0);
    const each = (n: number) => op.int64(turning.map(() => n));
    const turned = op.Slice(x, each(-1), each(-far), op.int64(turning), each(-1));
    const isTurned = op.Cast(op.int64(by.map((step) => (step < 0 ? 1 : 0))), { to: "bool" });
    const zero = op.int64([0]);
    const sizes = op.Gather(op.Shape(x), op.int64(along));
    const list = (value: string) => (type(value) === "int64" ? value : op.Cast(value, { to: "int64" }));
    // From the end, −1 is the last value and so the first.
    const mirrored = (places: string) =>
      op.Max(op.Sub(op.Where(op.Less(places, zero), op.int64([-1]), op.Sub(sizes, op.int64([1]))), places), zero);
    // A beginning before the first value is the first.
    const begin = op.Min(mirrored(list(starts)), op.Sub(sizes, op.int64([1])));
    return op.Slice(
      turned,
      op.Where(isTurned, begin, list(starts)),
      op.Where(isTurned, mirrored(list(ends)), list(ends)),
      op.int64(along),
      op.int64(by.map(Math.abs)),
    );
  },
});
