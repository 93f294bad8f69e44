/** Arrays as others lay them out, and the values they have, as tensors N×C×H×W. */
import { map, sizeOf, type Tensor } from "./tensor.ts";

/** A letter an axis, as the array has them; an axis that it lacks is 1 long. */
export const layouts = ["NCHW", "NHWC", "CHW", "HWC", "NHW", "HW", "NC", "N"] as const;
export type Layout = (typeof layouts)[number];

/** N×C×H×W of an array's dimensions. Throws a RangeError that names the layouts of as many axes. */
export function nchwDims(dims: readonly number[], layout: Layout): readonly number[] {
  if (dims.length === layout.length) return [..."NCHW"].map((axis) => dims[layout.indexOf(axis)] ?? 1);
  const fitting = layouts.filter(({ length }) => length === dims.length);
  throw new RangeError(
    `Cannot take an array of ${dims.join("×") || "no dimensions"} as ${layout}: ${fitting.length > 0 ? `choose the layout ${fitting.join(" or ")}` : "it has 1 to 4 axes"}`,
  );
}

/** N×C×H×W. Throws a RangeError likewise. */
export function fromLayout({ dims, data }: Tensor, layout: Layout): Tensor {
  const ordered = nchwDims(dims, layout);
  if (!layout.endsWith("C") || layout === "NC") return { dims: ordered, data };
  const [n, c, h, w] = ordered;
  const area = h * w;
  const out = new Float32Array(sizeOf(ordered));
  for (let i = 0; i < n; i++)
    for (let channel = 0; channel < c; channel++)
      for (let p = 0; p < area; p++) out[(i * c + channel) * area + p] = data[(i * area + p) * c + channel];
  return { dims: ordered, data: out };
}

/** Layouts of a batch, whose first axis is its samples. */
export const batchLayouts = ["NCHW", "NHWC", "NHW", "NC", "N"] as const satisfies readonly Layout[];

/** N×C×H×W as others want it. Throws a RangeError where an axis that the layout lacks is longer than 1. */
export function toLayout({ dims, data }: Tensor, layout: Layout): Tensor {
  wantLayout(dims, layout);
  const [n, c, h, w] = dims;
  const ordered = [...layout].map((axis) => dims["NCHW".indexOf(axis)]);
  if (layout !== "NHWC" && layout !== "HWC") return { dims: ordered, data };
  const area = h * w;
  const out = new Float32Array(sizeOf(dims));
  for (let i = 0; i < n; i++)
    for (let channel = 0; channel < c; channel++)
      for (let p = 0; p < area; p++) out[(i * area + p) * c + channel] = data[(i * c + channel) * area + p];
  return { dims: ordered, data: out };
}

/** Throws a RangeError where values of such sides (N×C×H×W; undefined: not known yet) do not go into a layout. */
export function wantLayout(dims: readonly (number | undefined)[], layout: Layout): void {
  const long = [..."NCHW"].find((axis, i) => !layout.includes(axis) && (dims[i] ?? 1) > 1);
  if (long === undefined) return;
  const names: Record<string, string> = { N: "samples", C: "channels", H: "rows", W: "columns" };
  throw new RangeError(
    `Cannot save ${dims["NCHW".indexOf(long)]} ${names[long]} as ${layout}, which has no axis for them: choose NCHW or NHWC`,
  );
}

/** 2·(x − low) / (high − low) − 1: low becomes −1 and high 1, and what lies beyond them lies beyond. */
export const toUnitRange = (x: Tensor, low: number, high: number): Tensor =>
  map(x, (value) => (2 * (value - low)) / (high - low) - 1);

/** Samples `first` … `first + count − 1`, over the same memory. */
export function samplesOf({ dims: [, ...dims], data }: Tensor, first: number, count: number): Tensor {
  const size = sizeOf(dims);
  return { dims: [count, ...dims], data: data.subarray(first * size, (first + count) * size) };
}
