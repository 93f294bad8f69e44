/** Examples that differentiate what is wired, the UNet included. */
import type { GraphDocument, InnerBuilder, Wire } from "../document/index.ts";
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
  "the DDPM step and the gradient goes through the UNet; it is the paper's ζᵢ ∇‖…‖² with ζᵢ = ζ / 2‖…‖. Here A ";

/** What is known of the pictures, and how the same is made of a clean picture that is predicted. */
interface Measurement {
  readonly title: string;
  readonly description: string;
  readonly note: string;
  /** A, which the pictures go through outside of the loop and the prediction inside. */
  readonly of: (b: Pick<InnerBuilder, "add">, tensor: Wire) => Wire;
  /** The half that is looked at; without it all of it is. */
  readonly mask?: Readonly<Record<string, number>>;
  /** ζ with its sign. */
  readonly zeta: number;
}

const pooled = 4;
const measurements = {
  "posterior-sampling": {
    title: "Diffusion posterior sampling",
    description:
      "Inpainting by a gradient through the UNet: each step is corrected so that the predicted clean picture agrees with what is known.",
    note: "keeps what the mask shows; Super-resolution and Deblurring are the same graph with Average Pool or Blur before the error.",
    of: (_, tensor) => tensor,
    mask: { right: 0.5 },
    zeta: -1,
  },
  "super-resolution": {
    title: "Super-resolution",
    description:
      "Pictures of 8×8 are drawn at 32×32: each step is corrected so that the predicted clean picture, made small again, agrees.",
    note: "averages squares of 4×4 pixels (Average Pool), of the real pictures before the loop and of the predicted ones inside it.",
    of: (b, tensor) => b.add("guidegraph/average-pool", { tensor, factor: pooled }, "Make small").out("tensor"),
    zeta: -4,
  },
  deblurring: {
    title: "Deblurring",
    description:
      "Blurred pictures are drawn sharp: each step is corrected so that the predicted clean picture, blurred again, agrees.",
    note: "is a Gaussian blur of 2 pixels, of the real pictures before the loop and of the predicted ones inside it.",
    of: (b, tensor) => b.add("guidegraph/blur", { tensor, sigma: 2 }, "Make blurred").out("tensor"),
    zeta: -2,
  },
} satisfies Readonly<Record<string, Measurement>>;

function posterior(name: keyof typeof measurements): GraphDocument {
  const { title, description, note, of, mask: shown, zeta: strength }: Measurement = measurements[name];
  const begun = start(title, description, "100");
  const { b, model, schedule } = begun;
  const image = b.add("guidegraph/load-image", realPictures, "Real pictures").out("image");
  const mask = shown && { mask: b.add("guidegraph/box-mask", { model, ...shown }, "Known").out("image") };
  const y = of(b, b.add("guidegraph/encode-image", { image }).out("x0"));
  const noise = noiseFor(begun, { batch: 4 });
  const zeta = b.add("guidegraph/number", { value: strength }, "−ζ").out("number");
  const given = { schedule, x: noise.out("x_T"), noise: noise.out("noise"), model, y, ...mask, zeta };
  const loop = b.loop("DDPM, corrected", given, (inner) => {
    const known = { y: inner.input("y", "tensor"), ...(mask && { mask: inner.input("mask", "image") }) };
    const error = inner.differentiate("‖y − A(x̂₀)‖", { ...entering(inner), ...known }, (graph) => {
      const { out } = predicted(graph);
      const compared = {
        tensor: of(graph, out("pred_xstart")),
        target: graph.input("y", "tensor"),
        ...(mask && { mask: graph.input("mask", "image") }),
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
  b.add("guidegraph/note", { text: `${dps}${note}` });
  const before = b.add("guidegraph/grid", { images: image }, "Before").out("image");
  b.add("guidegraph/save-png", { images: before, name: "before" });
  return finish(b, loop.out("x"), name);
}

export const throughTheNetwork: Readonly<Record<string, () => GraphDocument>> = {
  "posterior-sampling": () => posterior("posterior-sampling"),
  "super-resolution": () => posterior("super-resolution"),
  deblurring: () => posterior("deblurring"),
};
