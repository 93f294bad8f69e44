import { each, type KernelCase, kernelCase, shapes } from "./case.ts";

const swapped = (rank: number): number[] => [...Array.from({ length: rank - 2 }, (_, i) => i), rank - 1, rank - 2];

export const products: readonly KernelCase[] = [
  ...each([1, 2, 3, 4, 5, 8, 16, 33], [1, 3, 4, 6, 8, 9, 17, 32], [1, 2, 3, 4, 5, 8, 12, 33]).map(([m, k, n]) =>
    kernelCase(
      "MatMul",
      [
        [m, k],
        [k, n],
      ],
      (op, a, b) => op.MatMul(a, b),
    ),
  ),
  ...(
    [
      shapes("2,3,4 4,5"),
      shapes("2,3,4 2,4,8"),
      shapes("1,3,4 2,4,8"),
      shapes("2,1,5,6 1,3,6,7"),
      shapes("5,6 3,6,4"),
      shapes("6 6,4"),
      shapes("5,6 6"),
      shapes("6 6"),
      shapes("6 3,6,4"),
      shapes("2,4,64,16 2,4,16,64"),
      shapes("2,4,64,64 2,4,64,16"),
      shapes("3,1,7 3,7,4"),
      shapes("16,1,8 1,8,4"),
      shapes("16,65,33 16,33,3"),
      shapes("4,1,1,6 1,2,6,3"),
    ] as const
  ).map((inputs) => kernelCase("MatMul", inputs, (op, a, b) => op.MatMul(a, b))),
  ...each([0, 1], [0, 1], shapes("3,4 3,3 4,4,4 2,2,5,4")).map(([flipA, flipB, [...dims]]) => {
    const [k, m] = [dims.pop()!, dims.pop()!];
    const inputs = [
      [...dims, ...(flipA ? [k, m] : [m, k])],
      [...dims, ...(flipB ? [6, k] : [k, 6])],
    ];
    const perm = swapped(dims.length + 2);
    return kernelCase(`MatMul of transposes ${flipA}${flipB}`, inputs, (op, a, b) =>
      op.MatMul(flipA ? op.Transpose(a, { perm }) : a, flipB ? op.Transpose(b, { perm }) : b),
    );
  }),
  ...each(shapes("2,3 1,8 16,33 4,4"), [[], [1], "n", "m1", "mn"] as const).map(([[m, n], shape]) => {
    const bias = shape === "n" ? [n] : shape === "m1" ? [m, 1] : shape === "mn" ? [m, n] : shape;
    return kernelCase("MatMul and Add", [[m, 12], [12, n], bias], (op, a, b, c) => op.Add(op.MatMul(a, b), c));
  }),
  ...each([1, 3, 4, 16], [1, 3, 4, 33], [1, 2, 4, 5, 32, 33], [0, 1], [0, 1]).map(([m, k, n, transA, transB], i) => {
    const bias = [[n], [1, n], [m, 1], [m, n], [1], [], undefined][i % 7];
    const inputs = [transA ? [k, m] : [m, k], transB ? [n, k] : [k, n], ...(bias ? [bias] : [])];
    const attributes = { transA, transB, ...(i % 2 === 1 && { alpha: 0.5, beta: 2 }) };
    return kernelCase(`Gemm ${transA}${transB}`, inputs, (op, ...values) => op.Gemm(...values, attributes));
  }),
];
