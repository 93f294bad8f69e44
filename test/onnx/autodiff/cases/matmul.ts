import type { matmul } from "../../../../onnx/autodiff/rules/matmul.ts";
import type { GradientCase } from "../../../support/check-gradient.ts";

export const matmulCases = {
  MatMul: [
    {
      x: [
        [2, 3],
        [3, 4],
      ],
    },
    {
      x: [
        [2, 2, 3],
        [2, 3, 2],
      ],
    },
    {
      x: [
        [2, 2, 3],
        [3, 2],
      ],
    },
    {
      x: [
        [3, 2],
        [2, 2, 4],
      ],
    },
    {
      x: [
        [2, 1, 2, 3],
        [3, 3, 2],
      ],
    },
    { x: [[3], [3, 2]] },
    { x: [[2, 3], [3]] },
    { x: [[2, 2, 3], [3]] },
    { x: [[3], [2, 3, 2]] },
    { x: [[3], [3]] },
  ],
  Gemm: [
    { x: [[2, 3], [3, 4], [4]] },
    {
      x: [
        [3, 2],
        [3, 4],
        [2, 4],
      ],
      attrs: { transA: 1, alpha: 0.5 },
    },
    {
      x: [
        [2, 3],
        [4, 3],
        [2, 1],
      ],
      attrs: { transB: 1, beta: 2 },
    },
    {
      x: [
        [3, 2],
        [4, 3],
      ],
      attrs: { transA: 1, transB: 1, alpha: 1.5 },
    },
    { x: [[2, 3], [4, 3], []], attrs: { transB: 1 }, opset: 9 },
  ],
  Einsum: [
    {
      x: [
        [2, 3],
        [3, 4],
      ],
      attrs: { equation: "ij,jk->ik" },
    },
    {
      x: [
        [2, 3, 4],
        [2, 3, 5],
      ],
      attrs: { equation: "bct,bcs->bts" },
    },
    {
      x: [
        [2, 4, 5],
        [2, 3, 5],
      ],
      attrs: { equation: "bts,bcs->bct" },
    },
    // A letter of one operand alone is summed; without an arrow, letters met once are the result in their order.
    { x: [[2, 3], [3]], attrs: { equation: "ij,j->j" } },
    {
      x: [
        [2, 3],
        [3, 4],
      ],
      attrs: { equation: "ij,jk" },
    },
    { x: [[3, 3]], attrs: { equation: "ii->i" } },
    { x: [[3, 3], [3]], attrs: { equation: "ii,i" } },
    { x: [[2, 3]], attrs: { equation: "ij->ji" } },
    {
      x: [
        [2, 2, 3],
        [2, 3, 2],
      ],
      attrs: { equation: "...ij,...jk->...ik" },
    },
    { x: [[2], [3], [2, 3]], attrs: { equation: "i,j,ij->" } },
  ],
} satisfies Record<keyof typeof matmul, readonly GradientCase[]>;
