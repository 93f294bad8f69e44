/** The table of gradient rules, by operator of ai.onnx, and the operators through which nothing flows. */
import { type Operator, operatorNames } from "../../operators.ts";
import type { Rules } from "../rule.ts";
import { activation } from "./activation.ts";
import { compare } from "./compare.ts";
import { conv } from "./conv.ts";
import { elementwise } from "./elementwise.ts";
import { gridSample } from "./grid-sample.ts";
import { indexing } from "./indexing.ts";
import { loss } from "./loss.ts";
import { matmul } from "./matmul.ts";
import { normalize } from "./normalize.ts";
import { norms } from "./norms.ts";
import { patches } from "./patches.ts";
import { pool } from "./pool.ts";
import { quantise } from "./quantise.ts";
import { ranges } from "./range.ts";
import { recurrent } from "./recurrent.ts";
import { reduce } from "./reduce.ts";
import { resize } from "./resize.ts";
import { shape } from "./shape.ts";
import { softmax } from "./softmax.ts";
import { trigonometry } from "./trigonometry.ts";

/** Their derivative is zero wherever it exists, or their output is no continuous function of an input. */
export const noGradient: ReadonlySet<string> = new Set<Operator>([
  ...operatorNames("And ArgMax ArgMin Bernoulli BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Ceil Constant"),
  ...operatorNames("ConstantOfShape Equal EyeLike Floor Greater GreaterOrEqual Hardmax IsInf IsNaN Less LessOrEqual"),
  ...operatorNames("Multinomial NonMaxSuppression NonZero Not Or RandomNormal RandomNormalLike RandomUniform"),
  ...operatorNames("RandomUniformLike Round SequenceLength Shape Sign Size StopGradient Xor"),
]);

export const rules = {
  ...elementwise,
  ...softmax,
  ...reduce,
  ...matmul,
  ...conv,
  ...pool,
  ...resize,
  ...normalize,
  ...shape,
  // Beyond the core: what torch.onnx.export writes for the layers of torch.nn.
  ...activation,
  ...trigonometry,
  ...compare,
  ...norms,
  ...indexing,
  ...ranges,
  ...patches,
  ...gridSample,
  ...recurrent,
  ...loss,
  ...quantise,
} satisfies Rules;
