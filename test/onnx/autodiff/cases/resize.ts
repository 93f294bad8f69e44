import type { resize } from "../../../../onnx/autodiff/rules/resize.ts";
import { floats, type GradientCase, ints } from "../../../support/check-gradient.ts";

const x2 = floats([1, 1, 2, 2]);

export const resizeCases = {
  Resize: [
    // What torch.nn.functional.interpolate becomes
    {
      x: [[1, 2, 3, 2], null, x2],
      attrs: { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" },
    },
    { x: [[1, 2, 2, 3], null, x2], attrs: { mode: "linear", coordinate_transformation_mode: "pytorch_half_pixel" } },
    { x: [[1, 2, 2, 3], null, x2], attrs: { mode: "linear", coordinate_transformation_mode: "align_corners" } },
    { x: [[1, 1, 4, 4], null, null, ints([1, 1, 3, 7])], attrs: { mode: "linear" } },
    { x: [[1, 1, 3, 4], null, null, ints([1, 1, 5, 3])], attrs: { mode: "nearest" } },
    {
      x: [[1, 1, 3, 3], null, floats([1, 1, 1.5, 0.7])],
      attrs: { mode: "linear", coordinate_transformation_mode: "asymmetric" },
    },
    {
      x: [[1, 1, 2, 2], null, floats([1, 1, 3, 3])],
      attrs: { mode: "nearest", coordinate_transformation_mode: "asymmetric" },
    },
    { x: [[1, 1, 2, 2], null, floats([1, 1, 3, 2])], attrs: { mode: "nearest", nearest_mode: "ceil" } },
    { x: [[1, 1, 2, 2], null, floats([1, 1, 3, 2])], attrs: { mode: "nearest" } },
    { x: [[1, 1, 3, 3], null, floats([3, 2])], attrs: { mode: "linear", axes: [2, 3] } },
    { x: [[1, 1, 2, 3], null, floats([2, 3])], attrs: { mode: "nearest", axes: [-1, 2] } },
    // Twice the size, but not by blocks of two: 0 0 0 1 1 2.
    {
      x: [[1, 1, 3, 3], null, floats([2, 2.1])],
      attrs: { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor", axes: [-1, 2] },
    },
    {
      x: [[1, 1, 2, 3], null, null, ints([4, 5])],
      attrs: { mode: "linear", axes: [2, 3], keep_aspect_ratio_policy: "stretch" },
    },
    { x: [[1, 1, 6, 6], null, floats([1, 1, 0.5, 0.5])], attrs: { mode: "linear", antialias: 1 }, not: ["webgpu"] },
    {
      x: [[1, 2, 4], null, floats([1, 1, 2])],
      attrs: { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" },
    },
    { x: [[1, 2, 4], null, floats([1, 1, 2])], attrs: { mode: "linear" } },
    { x: [[1, 1, 2, 2, 2], null, floats([1, 1, 2, 1, 2])], attrs: { mode: "linear" } },
    // Nearest by its scales: 0 0 0 1 1 either way.
    {
      x: [[1, 1, 2, 3], null, { dims: [2], values: [2.7, 2.2], input: true }],
      attrs: { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor", axes: [2, 3] },
      not: ["webgpu"],
    },
    // Opset 10 had scales alone, and the asymmetric grid.
    { x: [[1, 1, 2, 3], floats([1, 1, 2, 3])], attrs: { mode: "nearest" }, opset: 10 },
    { x: [[1, 1, 2, 3], floats([1, 1, 2, 2])], attrs: { mode: "linear" }, opset: 10 },
    // Its nearest rounds up along an axis that shrinks, down along one that grows, whether scales are known or not.
    ...[
      [1, 1, 0.5, 0.6],
      [1, 1, 0.6, 2],
      [1, 1, 2, 0.4],
      [1, 1, 1.5, 3],
    ].flatMap((scales): GradientCase[] => [
      { x: [[1, 1, 5, 6], floats(scales)], attrs: { mode: "nearest" }, opset: 10, not: ["webgpu"] },
      {
        x: [[1, 1, 5, 6], { dims: [4], values: scales, input: true }],
        attrs: { mode: "nearest" },
        opset: 10,
        wrt: [0],
        not: ["webgpu"],
      },
    ]),
  ],
} satisfies Record<keyof typeof resize, readonly GradientCase[]>;
