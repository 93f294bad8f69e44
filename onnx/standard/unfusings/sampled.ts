/**
 * Operators that read pictures between their pixels, as GridSample does, which has gradients for the picture and for the places.
 * A place p in pixels, 0 in the middle of the first of n, is (2p + 1)/n − 1 in its grid.
 */
import type { GraphBuilder, Value } from "../../rewrite/builder.ts";
import { is } from "../../rewrite/pattern.ts";
import { type Rows, row, type View } from "../../rewrite/row.ts";

const static4 = ({ shape }: Pick<View, "shape">, value: Value): readonly number[] | undefined => {
  const dims = shape(value);
  return dims?.length === 4 && dims.slice(1).every((dim) => typeof dim === "number")
    ? (dims as readonly number[])
    : undefined;
};

const inGrid = (op: GraphBuilder, pixels: Value, n: number): Value =>
  op.Sub(op.Div(op.Add(op.Mul(pixels, 2), 1), n), 1);

const along = (op: GraphBuilder, axes: readonly number[]): Value => op.int64(axes);

interface RoiAlign {
  readonly coordinate_transformation_mode?: string | undefined;
  readonly mode?: string | undefined;
  readonly output_height?: number | undefined;
  readonly output_width?: number | undefined;
  readonly sampling_ratio?: number | undefined;
  readonly spatial_scale?: number | undefined;
}

/** One axis of all regions: their places in pixels R×(cells·ratio), and where these lie no further than a pixel outside. */
function placesOf(op: GraphBuilder, rois: Value, axis: 0 | 1, cells: number, n: number, attrs: RoiAlign) {
  const { spatial_scale: scale = 1, sampling_ratio: ratio = 0, coordinate_transformation_mode: mode } = attrs;
  const isHalf = mode !== "output_half_pixel";
  const edge = (index: number): Value => {
    const scaled = op.Mul(op.Slice(rois, along(op, [index]), along(op, [index + 1]), along(op, [1])), scale);
    return isHalf ? op.Sub(scaled, 0.5) : scaled;
  };
  const [start, end] = [edge(axis), edge(axis + 2)]; // R×1
  const size = op.Sub(end, start);
  const samples = cells * ratio;
  const parts = op.float(
    Array.from({ length: samples }, (_, i) => (i + 0.5) / samples),
    [1, samples],
  );
  // Without half pixels a region is a pixel long at least.
  const places = op.Add(start, op.Mul(isHalf ? size : op.Max(size, 1), parts));
  const isNear = op.And(op.GreaterOrEqual(places, -1), op.LessOrEqual(places, n));
  return { places, isNear };
}

export const sampled: Rows = {
  // The mean of ratio × ratio samples in each cell of each region (He et al. 2017, "Mask R-CNN", arXiv:1703.06870, section 3)
  roiAlign: row({
    pattern: is.RoiAlign("x", "rois", "batches"),
    // By itself each region has as many samples as pixels: how many these are, only the run knows.
    when: ({ x }, view) =>
      static4(view, x) !== undefined &&
      (view.attrs.mode ?? "avg") === "avg" &&
      (view.attrs.sampling_ratio ?? 0) > 0 &&
      view.type(x) === "float32",
    becomes(op, { x, rois, batches }, view) {
      const attrs: RoiAlign = view.attrs;
      const [, , height, width] = static4(view, x)!;
      const { output_height: down = 1, output_width: across = 1, sampling_ratio: ratio = 1 } = attrs;
      const ys = placesOf(op, rois, 1, down, height, attrs);
      const xs = placesOf(op, rois, 0, across, width, attrs);
      const rows = (value: Value): Value => op.Unsqueeze(value, along(op, [2])); // R×Y×1
      const columns = (value: Value): Value => op.Unsqueeze(value, along(op, [1])); // R×1×X
      const zero = op.Mul(op.Add(rows(ys.places), columns(xs.places)), 0);
      const grid = op.Concat(
        op.Unsqueeze(op.Add(columns(inGrid(op, xs.places, width)), zero), along(op, [3])),
        op.Unsqueeze(op.Add(rows(inGrid(op, ys.places, height)), zero), along(op, [3])),
        { axis: 3 },
      );
      const pictures = op.Gather(x, batches, { axis: 0 }); // R×C×H×W
      const samples = op.GridSample(pictures, grid, {
        mode: view.opset < 20 ? "bilinear" : "linear",
        padding_mode: "border",
      });
      const isNear = op.Unsqueeze(op.And(rows(ys.isNear), columns(xs.isNear)), along(op, [1]));
      return op.AveragePool(op.Where(isNear, samples, 0), { kernel_shape: [ratio, ratio], strides: [ratio, ratio] });
    },
  }),
  // A convolution whose taps are moved, each by its own offset, and weighed (Zhu et al. 2019, arXiv:1811.11168, eq. 1)
  deformConv: row({
    pattern: is.DeformConv("x", "w", "offset", "bias", "mask"),
    when: ({ x, w, offset }, view) =>
      [x, w, offset].every((value) => static4(view, value) !== undefined) && view.type(x) === "float32",
    becomes(op, { x, w, offset, bias, mask }, view) {
      const {
        group = 1,
        offset_group: groups = 1,
        dilations = [1, 1],
        pads = [0, 0, 0, 0],
        strides = [1, 1],
      } = view.attrs;
      const [, channels, height, width] = static4(view, x)!;
      const [outChannels, ownChannels, down, across] = static4(view, w)!;
      const [, , high, wide] = static4(view, offset)!;
      const taps = down * across;
      // Where each tap of each output is without its offset, 1×taps×H′×W′.
      const base = (axis: 0 | 1): Value => {
        const values: number[] = [];
        for (let tap = 0; tap < taps; tap++)
          for (let i = 0; i < high; i++)
            for (let j = 0; j < wide; j++) {
              const [place, at] = axis === 0 ? [i, Math.floor(tap / across)] : [j, tap % across];
              values.push(place * strides[axis] - pads[axis] + at * dilations[axis]);
            }
        return op.float(values, [1, taps, high, wide]);
      };
      const cut = (value: Value, from: number, to: number, axis: number): Value =>
        op.Slice(value, along(op, [from]), along(op, [to]), along(op, [axis]));
      const parts = Array.from({ length: groups }, (_, g) => {
        const size = channels / groups;
        const own = op.Reshape(cut(offset, 2 * taps * g, 2 * taps * (g + 1), 1), op.int64([0, taps, 2, high, wide]));
        const places = ([0, 1] as const).map((axis) => {
          const moved = op.Add(op.Squeeze(cut(own, axis, axis + 1, 2), along(op, [2])), base(axis));
          const flat = op.Reshape(inGrid(op, moved, axis === 0 ? height : width), op.int64([0, taps * high, wide, 1]));
          return flat;
        });
        const grid = op.Concat(places[1], places[0], { axis: 3 });
        const samples = op.GridSample(cut(x, size * g, size * (g + 1), 1), grid, {
          mode: view.opset < 20 ? "bilinear" : "linear",
          padding_mode: "zeros",
        });
        const taken = op.Reshape(samples, op.int64([0, size, taps, high, wide]));
        return mask ? op.Mul(taken, op.Unsqueeze(cut(mask, taps * g, taps * (g + 1), 1), along(op, [1]))) : taken;
      });
      const [first, ...more] = parts;
      const all = more.length > 0 ? op.Concat(first, ...more, { axis: 1 }) : first;
      const columns = op.Reshape(all, op.int64([0, channels * taps, high, wide]));
      const weights = op.Reshape(w, op.int64([outChannels, ownChannels * taps, 1, 1]));
      return bias ? op.Conv(columns, weights, bias, { group }) : op.Conv(columns, weights, { group });
    },
  }),
};
