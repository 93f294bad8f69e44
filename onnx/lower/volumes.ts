/** Convolutions in groups with three spatial axes: WebGPU has no kernel, and the run fails. Each group is convolved by itself. */
import { is } from "../rewrite/pattern.ts";
import { type Row, row } from "../rewrite/row.ts";

/** More would be more kernels than the rest of a network. */
const maxGroups = 64;

const oneGroupAtATime = (operator: "Conv" | "ConvTranspose"): Row =>
  row({
    pattern: is[operator]("x", "w", "bias"),
    becomes(op, { x, w, bias }, { attrs, shape }) {
      const { group = 1, output_shape: size, ...rest } = attrs as { group?: number; output_shape?: unknown };
      const [dims, channels] = [shape(w), shape(x)?.[1]];
      const [rows, columns] = dims ?? [];
      if (dims?.length !== 5 || group === 1 || group > maxGroups || size) return undefined;
      if (typeof rows !== "number" || typeof columns !== "number" || typeof channels !== "number") return undefined;
      const outputs = operator === "Conv" ? rows / group : columns;
      const part = (value: string, each: number, axis: number, i: number): string =>
        op.Slice(value, op.int64([i * each]), op.int64([(i + 1) * each]), op.int64([axis]));
      const groups = Array.from({ length: group }, (_, i) =>
        op[operator](
          part(x, channels / group, 1, i),
          part(w, rows / group, 0, i),
          bias ? part(bias, outputs, 0, i) : null,
          rest,
        ),
      );
      return op.Concat(...groups, { axis: 1 });
    },
  });

export const groupedVolumes = oneGroupAtATime("Conv");
export const groupedVolumesTransposed = oneGroupAtATime("ConvTranspose");
