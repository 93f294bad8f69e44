/**
 * The way of a model to a runtime, in this order:
 *
 *   standard   the operators of opset 18, shape arithmetic folded     whatever a file or a checkpoint says
 *   gradient   loops written out, then reverse-mode                   where one is wanted
 *              differentiation by the rules
 *   fast       the lowerings for a runtime's kernels                  last, since rules know nothing of them
 *
 * Every step begins with a model in standard form, which one that has it keeps: nothing is folded that is folded already.
 */
import { type CondFnPorts, condFn } from "./autodiff/cond-fn.ts";
import { gradientReach, ZeroGradientError } from "./autodiff/reach.ts";
import { onesLike } from "./autodiff/shaping.ts";
import { differentiate, type GradientOptions, vectorJacobianProduct } from "./autodiff/walk.ts";
import { withoutOwn } from "./drawn-alone.ts";
import type { OnnxModel } from "./ir.ts";
import { type Flavour, faster, tablesOf } from "./lower/index.ts";
import { fold } from "./standard/fold.ts";
import { StandardModel } from "./standard/standard.ts";

const standard = StandardModel.of;
const differentiable = StandardModel.withoutLoops;

/**
 * The model's vector-Jacobian product: the original inputs with their types and `d_<of>` (cotangent, shaped like `of`)
 * → the one output `d_<wrt>` (shaped like `wrt`). Any batch size that the model takes, its gradient takes.
 *
 * @throws GradientError naming node and operator, when an operator between `wrt` and `of` has no rule.
 * @throws RangeError when `of` or `wrt` is not there, or `of` does not depend on `wrt`.
 */
export const gradientModel = (model: OnnxModel, options: GradientOptions): OnnxModel =>
  standard(vectorJacobianProduct(differentiable(model), options));

/**
 * The classifier's inputs, `labels` (int64, N) and `scale` (float32, a scalar) → `gradient`, shaped like x:
 *
 *   scale · ∇ₓ Σᵢ log p(yᵢ | xᵢ, tᵢ),  log p = log softmax(logits)
 *
 * @throws GradientError naming node and operator, when an operator between x and logits has no rule.
 */
export const condFnModel = (model: OnnxModel, ports: CondFnPorts): OnnxModel =>
  standard(condFn(differentiable(model), ports));

/**
 * The model with one output more, `output`: ∂ Σ of / ∂ wrt, shaped like wrt.
 *
 * @throws GradientError naming node and operator, when an operator on the way has no rule.
 * @throws ZeroGradientError when `of` does not depend on `wrt`, or its gradient is 0 by construction.
 */
export function withGradient(model: OnnxModel, ends: GradientOptions & { readonly output: string }): OnnxModel {
  const whole = differentiable(model);
  const reach = gradientReach(whole, ends);
  if (reach.kind === "zero" || reach.kind === "apart") throw new ZeroGradientError(reach, ends);
  return standard(differentiate(whole, { ...ends, beside: true }, onesLike));
}

/** The same function in faster operators. */
export const lower = (model: OnnxModel, flavour: Flavour): OnnxModel =>
  fold(faster(standard(withoutOwn(model)), tablesOf(flavour)));
