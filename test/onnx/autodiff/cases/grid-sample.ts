import type { gridSample } from "../../../../onnx/autodiff/rules/grid-sample.ts";
import { type GradientCase, ints, type OperandOptions } from "../../../support/check-gradient.ts";

/** Places inside and outside a 4×3 picture, none within a step of a kink (a pixel's centre or edge). */
const grid: OperandOptions = {
  dims: [1, 2, 3, 2],
  values: [-0.92, 0.31, 0.22, -0.57, 1.13, 0.4, -1.21, -1.17, 0.6, 1.35, -0.3, 0.05],
};
const picture = [1, 2, 4, 3];

const modes = (names: readonly string[], opset: number): GradientCase[] =>
  names.flatMap((mode) =>
    ["zeros", "border", "reflection"].flatMap((padding_mode) =>
      [0, 1].map(
        (align_corners): GradientCase => ({
          x: [picture, grid],
          attrs: { mode, padding_mode, align_corners },
          opset,
          step: 0.005,
          tolerance: 2e-3,
          // Opening a session on WebGPU is slow: half of the forms are enough there.
          ...(align_corners === 1 && { not: ["webgpu"] as const }),
          // A sample's place is where it is rounded to: nothing flows to the grid.
          ...(mode === "nearest" && { wrt: [0] }),
        }),
      ),
    ),
  );

export const gridSampleCases = {
  AffineGrid: [
    { x: [[2, 2, 3], ints([2, 1, 3, 4])], opset: 20, fixedShapes: true },
    { x: [[1, 2, 3], ints([1, 2, 2, 3])], attrs: { align_corners: 1 }, opset: 20, fixedShapes: true },
    { x: [[2, 3, 4], ints([2, 1, 2, 3, 2])], opset: 20, fixedShapes: true },
  ],
  GridSample: [
    ...modes(["bilinear", "nearest", "bicubic"], 18),
    ...modes(["linear", "cubic"], 20).slice(0, 2),
    {
      x: [[2, 1, 2, 3, 4], { dims: [2, 1, 2, 2, 3], range: [-0.9, 0.9] }],
      attrs: { mode: "linear" },
      opset: 20,
      wrt: [0],
    },
  ],
} satisfies Record<keyof typeof gridSample, readonly GradientCase[]>;
