import type { loss } from "../../../../onnx/autodiff/rules/loss.ts";
import { floats, type GradientCase, ints, positive } from "../../../support/check-gradient.ts";

const losses: GradientCase[] = ["mean", "sum", "none"].flatMap((reduction) => [
  { x: [[3, 4], ints([1, 3, 0])], attrs: { reduction }, fixedShapes: true },
  { x: [[3, 4], ints([1, 3, 0]), floats([0.5, 1, 2, 3])], attrs: { reduction, ignore_index: 3 }, fixedShapes: true },
  {
    x: [[2, 3, 2, 2], ints([1, 2, 0, 1, 0, 2, 2, -100], [2, 2, 2])],
    attrs: { reduction, ignore_index: -100 },
    fixedShapes: true,
  },
  {
    x: [[3, 4], { ...ints([1, -7, 0]), type: "int32" }, floats([0.5, 1, 2, 3])],
    attrs: { reduction, ignore_index: -7 },
    fixedShapes: true,
  },
  // By the weights too.
  { x: [[3, 4], ints([1, 3, 3]), positive([4])], attrs: { reduction }, fixedShapes: true },
  {
    x: [[2, 3, 2, 2], ints([1, 2, 0, 1, 0, 2, 2, -100], [2, 2, 2]), positive([3])],
    attrs: { reduction, ignore_index: -100 },
    fixedShapes: true,
  },
]);

export const lossCases = {
  NegativeLogLikelihoodLoss: losses,
  SoftmaxCrossEntropyLoss: [
    ...losses,
    { x: [[3, 4], ints([1, 3, 0])], outputs: [true, true], fixedShapes: true },
    { x: [[3, 4], ints([1, 3, 0])], outputs: [false, true], fixedShapes: true },
  ],
  Det: [
    { x: [[2, 3, 3]], fixedShapes: true },
    { x: [[4, 4]], fixedShapes: true },
    { x: [[2, 2, 2]], fixedShapes: true },
    { x: [[3, 1, 1]], fixedShapes: true },
  ],
} satisfies Record<keyof typeof loss, readonly GradientCase[]>;
