/** Cases for every gradient rule; a rule without one does not compile. */
import type { rules } from "../../../../onnx/index.ts";
import type { GradientCase } from "../../../support/check-gradient.ts";
import { elementwiseCases } from "./elementwise.ts";
import { reduceCases } from "./reduce.ts";
import { shapeCases } from "./shape.ts";

export const cases: Record<string, readonly GradientCase[]> = {
  ...elementwiseCases,
  ...reduceCases,
  ...shapeCases,
} satisfies Record<keyof typeof rules, readonly GradientCase[]>;
