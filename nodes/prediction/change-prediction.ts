import { changed, changePrediction, LEAST_VARIANCE, posteriorMean, x0FromEps } from "../../diffusion/index.ts";
import { atPort, sameSize, wantMeaning, wantWholeGuidance } from "../checks.ts";
import type { Drawing } from "../drawing.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/change-prediction",
  version: 1,
  title: "Change Prediction",
  category: "prediction",
  description: "Puts another x₀, ε, mean or variance in the place of a prediction's own.",
  equation: "μ = μ̃ₜ(xₜ, x₀)",
  reference: "denoised_fn, posterior",
  inputs: {
    prediction: port.prediction(),
    pred_xstart: port.tensor({ meaning: "x0", optional: true, help: "The mean follows from it." }),
    eps: port.tensor({ meaning: "eps", optional: true, help: "In place of x₀, which follows from it." }),
    mean: port.tensor({ meaning: "mean", optional: true, help: "x₀ stays: for samplers that step by the mean." }),
    variance: port.tensor({ optional: true, help: "Σ, not its root." }),
  },
  outputs: { prediction: port.prediction() },
  infer: ({ prediction, pred_xstart, eps, mean, variance }) => {
    wantMeaning({ pred_xstart }, "x0");
    wantMeaning({ eps }, "eps");
    wantMeaning({ mean }, "mean", "x");
    wantChange({ pred_xstart, eps, mean, variance });
    if (pred_xstart ?? eps) wantWholeGuidance(prediction);
    const size = sameSize({ prediction, pred_xstart, eps, mean, variance });
    const conditioned = mean ? "mean" : prediction?.conditioned;
    return { prediction: { ...size, ...(conditioned && { conditioned }) } };
  },
  run: ({ prediction, pred_xstart: x0, eps, mean, variance }) => {
    wantChange({ pred_xstart: x0, eps, mean, variance });
    return { prediction: atPort("variance", () => changePrediction(prediction, { x0, eps, mean, variance })) };
  },
  draw: ({ prediction, pred_xstart, eps, mean, variance }, { op, mix }) => {
    wantChange({ pred_xstart, eps, mean, variance });
    const { x, step } = prediction;
    const x0 = pred_xstart ?? (eps === undefined ? undefined : mix(x0FromEps, eps, x, step));
    const moved = x0 === undefined ? prediction : changed(prediction, { x0, mean: mix(posteriorMean, x0, x, step) });
    const spread = variance === undefined ? moved : changed(moved, { variance, logVariance: logOf(op, variance) });
    return { prediction: mean === undefined ? spread : changed(spread, { mean, conditioned: "mean" }) };
  },
});

/** A graph cannot refuse a variance below 0: its logarithm is NaN, which is stopped where it comes out. */
const logOf = (op: Drawing["op"], variance: string): string =>
  op.Log(op.Where(op.Less(variance, 0), variance, op.Max(variance, LEAST_VARIANCE)));

function wantChange(wired: Readonly<Record<"pred_xstart" | "eps" | "mean" | "variance", unknown>>): void {
  if (wired.pred_xstart !== undefined && wired.eps !== undefined)
    throw new GraphError("Cannot use both x₀ and ε: one follows from the other; wire one of them", "eps");
  if (Object.values(wired).every((value) => value === undefined))
    throw new GraphError("Nothing is changed: wire pred_xstart, eps, mean or variance", "pred_xstart");
}
