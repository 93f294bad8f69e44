/** The table of gradient rules, by operator of ai.onnx, and the operators through which nothing flows. */
import { elementwise } from "./elementwise.ts";
import { matmul } from "./matmul.ts";
import { reduce } from "./reduce.ts";
import { shape } from "./shape.ts";

/** Their derivative is zero wherever it exists, or their output is no continuous function of an input. */
export const noGradient: ReadonlySet<string> = new Set([
  "ArgMax",
  "ArgMin",
  "Ceil",
  "Constant",
  "ConstantOfShape",
  "EyeLike",
  "Floor",
  "NonZero",
  "RandomNormal",
  "RandomNormalLike",
  "RandomUniform",
  "RandomUniformLike",
  "Round",
  "Shape",
  "Sign",
  "Size",
]);

export const rules = {
  ...elementwise,
  ...reduce,
  ...matmul,
  ...shape,
};
