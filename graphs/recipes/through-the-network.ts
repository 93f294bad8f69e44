/** Examples that differentiate what is wired, the UNet included. */
import type { GraphDocument, InnerBuilder } from "../document/index.ts";
import { finish, noiseFor, realPictures, start } from "./parts.ts";

/** Predict and Mean & Variance inside a Differentiate, by x. */
function predicted(inner: InnerBuilder) {
  const [x, step] = [inner.input("x", "tensor"), inner.input("step", "step")];
  const model_output = inner.add("guidegraph/predict", { model: inner.input("model", "model"), x, step });
  const given = { model_output: model_output.out("model_output"), x, step };
  return { step, out: inner.add("guidegraph/mean-variance", given).out };
}

/** What every loop here begins with. */
const entering = (inner: InnerBuilder) => ({
  x: inner.input("x", "tensor"),
  step: inner.input("step", "step"),
  model: inner.input("model", "model"),
});

const dps =
  "Diffusion posterior sampling (Chung et al. 2022, arXiv:2209.14687, algorithm 1): xₜ₋₁ = x′ₜ₋₁ − ζ · ∇ₓₜ ‖y − A(x̂₀(xₜ))‖, where x′ₜ₋₁ is " +
  "the DDPM step and the gradient goes through the UNet. Here A keeps what the mask shows; put Blur or Average Pool " +
  "before the error, and the same graph deblurs or enlarges.";

function posteriorSampling(): GraphDocument {
  const begun = start(
    "Diffusion posterior sampling",
    "Inpainting by a gradient through the UNet: each step is corrected so that the predicted clean picture agrees with what is known.",
    "100",
  );
  const { b, model, schedule } = begun;
  const image = b.add("guidegraph/load-image", realPictures, "Real pictures").out("image");
  const mask = b.add("guidegraph/box-mask", { model, right: 0.5 }, "Known").out("image");
  const y = b.add("guidegraph/encode-image", { image }).out("x0");
  const noise = noiseFor(begun, { batch: 4 });
  const zeta = b.add("guidegraph/number", { value: -1 }, "−ζ").out("number");
  const given = { schedule, x: noise.out("x_T"), noise: noise.out("noise"), model, y, mask, zeta };
  const loop = b.loop("DDPM, corrected", given, (inner) => {
    const known = { y: inner.input("y", "tensor"), mask: inner.input("mask", "image") };
    const error = inner.differentiate("‖y − A(x̂₀)‖", { ...entering(inner), ...known }, (graph) => {
      const { out } = predicted(graph);
      const compared = {
        tensor: out("pred_xstart"),
        target: graph.input("y", "tensor"),
        mask: graph.input("mask", "image"),
      };
      graph.output(
        "loss",
        "tensor",
        graph.add("guidegraph/squared-error", { ...compared, measure: "norm" }).out("loss"),
      );
      graph.output("prediction", "prediction", out("prediction"));
    });
    const next = { prediction: error.out("prediction"), noise: inner.input("noise", "noise") };
    const a = inner.add("guidegraph/ddpm-step", next).out("x");
    const moved = { a, b: error.out("gradient"), weight_b: inner.input("zeta", "number") };
    inner.output("x", "tensor", inner.add("guidegraph/add", moved, "Correct").out("tensor"));
  });
  b.add("guidegraph/note", { text: dps });
  const before = b.add("guidegraph/grid", { images: image }, "Before").out("image");
  b.add("guidegraph/save-png", { images: before, name: "before" });
  return finish(b, loop.out("x"), "posterior-sampling");
}

export const throughTheNetwork: Readonly<Record<string, () => GraphDocument>> = {
  "posterior-sampling": posteriorSampling,
};
