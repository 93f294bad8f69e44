import { each, type KernelCase, kernelCase, shapes } from "./case.ts";

const sides = shapes("5 3,4 2,3,5 1,7,3 4,1,6 2,3,4,5 1,1,3,3 2,1,5,1 16,3,8,8");
const subsets = (rank: number): number[][] =>
  Array.from({ length: 2 ** rank }, (_, bits) =>
    Array.from({ length: rank }, (_, i) => i).filter((i) => (bits >> i) & 1),
  );
const sizes = [1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 31, 33, 64, 65, 257];

export const reductions: readonly KernelCase[] = [
  ...each(sides, [
    "ReduceSum",
    "ReduceMean",
    "ReduceMax",
    "ReduceMin",
    "ReduceL1",
    "ReduceL2",
    "ReduceLogSumExp",
  ]).flatMap(([dims, name]) =>
    subsets(dims.length).map((axes, i) =>
      kernelCase(`${name} over ${axes}`, [dims], (op, x) =>
        axes.length === 0
          ? op[name](x, { keepdims: i & 1 })
          : op[name](x, op.int64(axes), { keepdims: axes.length & 1 }),
      ),
    ),
  ),
  ...[1, 33, 64, 255, 257, 1000, 4097].flatMap((n) => [
    kernelCase("ReduceSum of the last axis", [[2, n]], (op, x) => op.ReduceSum(x, op.int64([1]))),
    kernelCase("ReduceMean of the first axis", [[n, 3]], (op, x) => op.ReduceMean(x, op.int64([0]))),
    kernelCase("ReduceMax of all", [[n, 3]], (op, x) => op.ReduceMax(x, { keepdims: 0 })),
    kernelCase("ReduceSum in the middle", [[2, n, 3]], (op, x) => op.ReduceSum(x, op.int64([1]))),
  ]),
  ...each([...sizes.map((n) => [3, n]), [2, 3, 5], [2, 3, 4, 5], [16, 64, 64], [7]], [-1, 0]).flatMap(
    ([dims, axis]) => [
      kernelCase(`Softmax along ${axis}`, [dims], (op, x) => op.Softmax(x, { axis })),
      kernelCase(`LogSoftmax along ${axis}`, [dims], (op, x) => op.LogSoftmax(x, { axis })),
    ],
  ),
  ...[...sizes.slice(2).map((n) => [2, 3, n]), [2, 8, 5, 7], [1, 4, 16, 16], [16, 32, 8, 8], [2, 6, 3, 3]].flatMap(
    (dims) => {
      const spatial = dims.slice(2);
      const perChannel = [[dims[1]], [dims[1]]];
      return [
        kernelCase("LayerNormalization", [dims, spatial, spatial], (op, x, gamma, beta) =>
          op.LayerNormalization(x, gamma, beta, { axis: 2 }),
        ),
        kernelCase("LayerNormalization with its statistics", [dims, spatial], (op, x, gamma) => {
          const [y, mean, scale] = op.add("LayerNormalization", [x, gamma], { axis: 2 }, 3);
          return op.Add(op.Mul(y, mean), scale);
        }),
        kernelCase("InstanceNormalization", [dims, ...perChannel], (op, x, gamma, beta) =>
          op.InstanceNormalization(x, gamma, beta),
        ),
        kernelCase("BatchNormalization", [dims, ...perChannel, ...perChannel], (op, x, gamma, beta, mean, spread) =>
          op.BatchNormalization(x, gamma, beta, mean, op.Add(op.Abs(spread), 0.1)),
        ),
      ];
    },
  ),
];
