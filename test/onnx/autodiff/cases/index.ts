/** Cases for every gradient rule; a rule without one does not compile. */
import type { rules } from "../../../../onnx/index.ts";
import type { GradientCase } from "../../../support/check-gradient.ts";
import { activationCases } from "./activation.ts";
import { compareCases } from "./compare.ts";
import { convCases } from "./conv.ts";
import { elementwiseCases } from "./elementwise.ts";
import { gridSampleCases } from "./grid-sample.ts";
import { indexingCases } from "./indexing.ts";
import { lossCases } from "./loss.ts";
import { matmulCases } from "./matmul.ts";
import { normalizeCases } from "./normalize.ts";
import { normsCases } from "./norms.ts";
import { patchesCases } from "./patches.ts";
import { poolCases } from "./pool.ts";
import { quantiseCases } from "./quantise.ts";
import { rangeCases } from "./range.ts";
import { recurrentCases } from "./recurrent.ts";
import { reduceCases } from "./reduce.ts";
import { resizeCases } from "./resize.ts";
import { shapeCases } from "./shape.ts";
import { softmaxCases } from "./softmax.ts";
import { trigonometryCases } from "./trigonometry.ts";

export const cases: Record<string, readonly GradientCase[]> = {
  ...elementwiseCases,
  ...softmaxCases,
  ...reduceCases,
  ...matmulCases,
  ...convCases,
  ...poolCases,
  ...resizeCases,
  ...normalizeCases,
  ...shapeCases,
  ...activationCases,
  ...trigonometryCases,
  ...compareCases,
  ...normsCases,
  ...indexingCases,
  ...rangeCases,
  ...patchesCases,
  ...gridSampleCases,
  ...recurrentCases,
  ...lossCases,
  ...quantiseCases,
} satisfies Record<keyof typeof rules, readonly GradientCase[]>;
