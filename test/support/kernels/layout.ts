/** Where values lie: what moves, repeats, cuts, joins and resamples them. */
import { each, type Input, type KernelCase, kernelCase, shapes } from "./case.ts";

const permutations = (rank: number): number[][] =>
  rank === 0
    ? [[]]
    : permutations(rank - 1).flatMap((perm) => Array.from({ length: rank }, (_, i) => perm.toSpliced(i, 0, rank - 1)));
const indices = (dims: readonly number[], values?: readonly number[]): Input => ({
  dims,
  type: "int64",
  values: values ?? Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => i % 3),
});
/** Of "to the end", as exporters write it. */
const far = 2 ** 31 - 1;
const along = (dims: readonly number[]) => dims.map((_, axis) => axis);

export const layout: readonly KernelCase[] = [
  ...shapes("3,4 33,65 2,3,5 4,1,3 2,3,4,5 1,3,4,4 1,32,16,16").flatMap((dims) =>
    permutations(dims.length).map((perm) =>
      kernelCase(`Transpose by ${perm}`, [dims], (op, x) => op.Transpose(x, { perm })),
    ),
  ),
  ...shapes("7 4,5 3,4,5 2,8,4,6").flatMap((dims) =>
    each(along(dims), [
      [0, 2, 1],
      [1, 100, 1],
      [0, 100, 2],
      [-1, -far - 1, -1],
      [-1, -100, -2],
      [-2, 0, -1],
      [3, -100, -3],
      [-3, -1, 1],
      [far, -far - 1, -1],
      [-100, -far, -1],
      [1, -2, -1],
      [-1, -1, -1],
    ]).map(([axis, [from, to, step]]) =>
      kernelCase(`Slice ${axis} from ${from} to ${to} by ${step}`, [dims], (op, x) =>
        // What is empty has no value to compare: it stands before x.
        op.Concat(op.Slice(x, op.int64([from]), op.int64([to]), op.int64([axis]), op.int64([step])), x, { axis }),
      ),
    ),
  ),
  ...shapes("7 4,5 3,4,5").flatMap((dims) =>
    each(along(dims), [
      [-1, -far - 1, -1],
      [-2, 0, -1],
      [3, -100, -3],
      [100, 1, -2],
      [-100, -far, -1],
      [1, -2, -1],
      [1, 100, 1],
    ]).map(([axis, [from, to, step]]) =>
      kernelCase(`Slice ${axis} from ${from} to ${to}, computed, by ${step}`, [dims], (op, x) => {
        const zero = op.Cast(op.Mul(op.ReduceMax(x, null, { keepdims: 0 }), 0), { to: "int64" });
        const [begin, end] = [from, to].map((place) => op.Add(zero, op.int64([place])));
        return op.Concat(op.Slice(x, begin, end, op.int64([axis]), op.int64([step])), x, { axis });
      }),
    ),
  ),
  ...each(
    ["linear", "cubic"],
    ["half_pixel", "align_corners", "pytorch_half_pixel", "asymmetric"],
    shapes("4,4 3,5 9,12 8,4"),
  ).map(([mode, coordinate_transformation_mode, sides]) =>
    kernelCase(`Resize (antialiased ${mode}, ${coordinate_transformation_mode}) to ${sides}`, [[2, 3, 8, 9]], (op, x) =>
      op.Resize(x, null, null, op.int64([2, 3, ...sides]), { mode, coordinate_transformation_mode, antialias: 1 }),
    ),
  ),
  kernelCase("Slice backwards and forwards", [[4, 6, 5]], (op, x) =>
    op.Slice(x, op.int64([1, -2]), op.int64([100, -100]), op.int64([-1, 1]), op.int64([2, -3])),
  ),
  ...each(["constant", "reflect", "edge"], [
    shapes("5 1,2"),
    shapes("3,4 1,0,0,2"),
    shapes("2,3,4,5 0,0,1,1,0,0,2,1"),
    shapes("2,6,4,4 0,0,0,0,0,2,0,0"),
    shapes("4,6,3,3 0,0,0,0,0,2,0,0"),
    shapes("2,9,7 0,0,0,0,3,0"),
  ] as const).map(([mode, [dims, pads]]) =>
    kernelCase(`Pad by ${pads} (${mode})`, [dims], (op, x) =>
      op.Pad(x, op.int64(pads), mode === "constant" ? op.float(0.5) : null, { mode }),
    ),
  ),
  ...[shapes("2,3 2,5"), shapes("2,3,4 2,1,4"), shapes("2,3,4,4 2,5,4,4"), shapes("2,32,8,8 2,33,8,8")].map((inputs) =>
    kernelCase("Concat", [...inputs, ...inputs], (op, ...values) => op.Concat(...values, { axis: 1 })),
  ),
  ...[1, 5, 9, 17, 33].map((count) =>
    kernelCase(
      "Concat",
      Array.from({ length: count }, (_, i) => [2, i + 1, 3]),
      (op, ...values) => op.Concat(...values, { axis: 1 }),
    ),
  ),
  ...(
    [
      [[7], 0, [3, 4]],
      [[2, 7], 1, [1, 2, 4]],
      [[2, 33, 5, 5], 1, [32, 1]],
      [[2, 9, 5], 1, [2, 3, 4]],
    ] as const
  ).map(([dims, axis, parts]) =>
    kernelCase(`Split into ${parts}`, [dims], (op, x) =>
      op.Concat(...op.add("Split", [x, op.int64(parts)], { axis }, parts.length).reverse(), { axis }),
    ),
  ),
  ...(
    [
      [[5], 0, [3]],
      [[5, 4], 1, [7]],
      [[3, 5, 4], 1, [2]],
      [[3, 5, 4], 0, []],
      [[3, 4, 5, 6], 3, [5]],
    ] as const
  ).flatMap(([dims, axis, of]) => [
    kernelCase(`Gather along ${axis}`, [dims, indices(of)], (op, x, i) => op.Gather(x, i, { axis })),
    kernelCase(`Gather from the end along ${axis}`, [dims, indices(of)], (op, x, i) =>
      op.Gather(x, op.Sub(i, op.int64(3)), { axis }),
    ),
  ]),
  ...(
    [
      [[3, 4], [2, 4], 0],
      [[3, 4], [3, 2], 1],
      [[3, 4, 5], [3, 2, 5], 1],
    ] as const
  ).map(([dims, of, axis]) =>
    kernelCase(`GatherElements along ${axis}`, [dims, indices(of)], (op, x, i) => op.GatherElements(x, i, { axis })),
  ),
  ...each(["none", "add", "mul", "max", "min"], [
    [[5], [3], 0],
    [[3, 4], [3, 3], 1],
    [[4, 3], [3, 3], 0],
  ] as const).map(([reduction, [dims, of, axis]]) => {
    // Each place once.
    const places = indices(
      of,
      Array.from({ length: of.reduce((a, b) => a * b, 1) }, (_, i) =>
        axis === 0 && of.length > 1 ? Math.floor(i / 3) : i % 3,
      ),
    );
    return kernelCase(`ScatterElements (${reduction}) along ${axis}`, [dims, places, of], (op, x, i, y) =>
      op.ScatterElements(x, i, y, { reduction, axis }),
    );
  }),
  ...each(
    shapes("2,1,4,4 1,3,5,7 2,4,8,8"),
    [
      [2, 2],
      [0.5, 0.5],
      [3, 3],
      [2, 1],
      [1.5, 1.5],
      [0.25, 0.25],
    ],
    ["asymmetric", "half_pixel", "align_corners"],
    ["nearest", "linear", "cubic"],
  ).map(([dims, scales, coordinate_transformation_mode, mode]) =>
    kernelCase(`Resize (${mode}, ${coordinate_transformation_mode}) by ${scales}`, [dims], (op, x) =>
      op.Resize(x, null, op.float([1, 1, ...scales]), { mode, coordinate_transformation_mode, nearest_mode: "floor" }),
    ),
  ),
  ...each(
    [1, 3, 4, 6],
    shapes("8,8 7,9"),
    [shapes("2,2 2,2 0,0,0,0"), shapes("3,3 2,2 1,1,1,1"), shapes("3,2 1,2 1,0,0,1")],
    [0, 1],
  ).flatMap(([channels, sides, [kernel, strides, pads], ceil]) => {
    const attributes = { kernel_shape: kernel, strides, pads, ceil_mode: ceil };
    return [
      kernelCase(`MaxPool ${kernel} by ${strides}`, [[2, channels, ...sides]], (op, x) => op.MaxPool(x, attributes)),
      kernelCase(`AveragePool ${kernel} by ${strides}`, [[2, channels, ...sides]], (op, x) =>
        op.AveragePool(x, { ...attributes, count_include_pad: ceil }),
      ),
    ];
  }),
];
