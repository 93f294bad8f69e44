/** Examples of what is done with pictures that one has: shown as something else, or freed of what misleads a classifier. */
import type { GraphDocument, Wire } from "../document/index.ts";
import { finish, insert, noiseFor, type Start, seed, start, wanted } from "./parts.ts";

const editNote =
  "xₜ is walked up by DDIM, told what the pictures show (section 4.3 of Song et al. 2020, arXiv:2010.02502), and down again by classifier-free " +
  "guidance, told what they shall show. What the label does not say is in the latent: place, colours, size. A greater scale goes " +
  "further from the pictures.";

function edited(): GraphDocument {
  const begun = start(
    "Edit by inversion",
    "Real pictures are walked back to their latents and drawn from there as other shapes, where they were and about in their colours.",
    "ddim100",
  );
  const { b, model, schedule } = begun;
  const real = realPictures(begun, 4);
  const other = wanted(b, "1,0,4,9", "Wanted shape", { model });
  const given = { schedule, model };
  const latent = insert(b, "ddim-inversion", { ...given, labels: real.labels, x: real.x });
  const x = insert(b, "classifier-free-ddim", { ...given, labels: other, x: latent, scale: 2 });
  b.add("guidegraph/note", { text: editNote });
  sheet(begun, real.image, "before");
  return finish(b, x, "edit-by-inversion", other);
}

const pureNote =
  "x′ = x − δ · sign ∇ₓ log p(y | x) misleads the reader: the fast gradient sign method, Goodfellow et al. 2014, arXiv:1412.6572. DiffPure " +
  "puts the noise of the step Start on x′, in which such a small change is lost, and takes it away again: Nie et al. 2022, " +
  "arXiv:2205.07460. The UNet is told no class. Each Accuracy says what share the reader sees for what it is.";

function purified(): GraphDocument {
  const begun = start(
    "Purification",
    "Pictures changed by a gradient so that a classifier errs are freed of it by a little noise and the way back.",
    "100",
  );
  const { b, model, schedule } = begun;
  const { image, x, labels } = realPictures(begun, 16);
  const file = { file: "shapes32_reader.onnx", flags: "--logits shape" };
  const classifier = b.add("guidegraph/load-classifier", file, "Load Reader").out("classifier");
  const step = b.add("guidegraph/schedule-step", { schedule, index: 0 }).out("step");
  const seen = { of: "log_p", x, classifier, step, labels };
  const asked = b.differentiate("log p(y | x)", seen, (graph) => {
    const read = {
      x: graph.input("x", "tensor"),
      classifier: graph.input("classifier", "classifier"),
      step: graph.input("step", "step"),
      labels: graph.input("labels", "labels"),
    };
    graph.output("log_p", "tensor", graph.add("guidegraph/log-probability", read).out("log_probability"));
  });
  const size = b.add("guidegraph/number", { value: 0.1 }, "δ").out("number");
  const change = { formula: "clamp(a - c * sign(b), -1, 1)", a: x, b: asked.out("gradient"), c: size, meaning: "x0" };
  const attacked = b.add("guidegraph/formula", change, "Mislead").out("tensor");
  const noise = noiseFor(begun, { labels });
  const given = { schedule, x: attacked, model, noise: noise.out("noise"), eps: noise.out("x_T"), start: 20 };
  const pure = insert(b, "diffpure", given);
  b.add("guidegraph/note", { text: pureNote });
  const misled = b.add("guidegraph/decode-image", { x: attacked }, "Decode misled").out("image");
  b.add("guidegraph/accuracy", { images: image, labels }, "As they were");
  b.add("guidegraph/accuracy", { images: misled, labels }, "Misled");
  const images = b.add("guidegraph/decode-image", { x: pure }, "Decode purified").out("image");
  b.add("guidegraph/accuracy", { images, labels }, "Purified");
  sheet(begun, misled, "misled");
  return finish(b, pure, "purification", labels);
}

const diffNote =
  "Where ε of the wanted shape differs most from ε of what a picture shows, over eight draws of noise and blurred by two pixels, is the mask; outside of it each step " +
  "of the way down takes the encoded picture of the same step: ỹₜ = M yₜ + (1 − M) xₜ. Couairon et al. 2022, DiffEdit, arXiv:2210.11427, " +
  "section 3.2; encoded by DDIM that is told no class. Collect keeps the encoded pictures of all steps, Take Samples hands one step's back.";

/** Steps of 50 up to which pictures are encoded, and draws of noise that the mask is made of. */
const [encoded, draws, pictures] = [35, 8, 4];

function diffEdited(): GraphDocument {
  const begun = start(
    "DiffEdit",
    "Pictures are drawn as other shapes where the network itself says that this changes them; all else stays as it is.",
    "ddim50",
  );
  const { b, model, schedule } = begun;
  const real = realPictures(begun, pictures);
  const other = wanted(b, "1,0,4,9", "Wanted shape", { model });
  const mask = whereTheyDiffer(begun, real, other);
  const around = { schedule, model, x: real.x };
  const up = b.loop("Encode", { ...around, order: "up", stop: encoded - 1 }, (inner) => {
    const [x, step] = [inner.input("x", "tensor"), inner.input("step", "step")];
    const model_output = inner.add("guidegraph/predict", { model: inner.input("model", "model"), x, step });
    const given = { model_output: model_output.out("model_output"), x, step };
    const prediction = inner.add("guidegraph/mean-variance", given).out("prediction");
    const kept = { tensor: x, before: inner.input("path", "tensor") };
    inner.output("path", "tensor", inner.add("guidegraph/collect", kept).out("tensor"));
    inner.output("x", "tensor", inner.add("guidegraph/ddim-reverse-step", { prediction }).out("x"));
  });
  const begin = { ...around, x: up.out("x"), start: encoded, path: up.out("path"), labels: other, mask, scale: 2 };
  const down = b.loop("Decode", begin, (inner) => {
    const [x, step] = [inner.input("x", "tensor"), inner.input("step", "step")];
    const asked = { model: inner.input("model", "model"), x, step };
    const told = { ...asked, labels: inner.input("labels", "labels") };
    const model_output = inner.add("guidegraph/classifier-free-guidance", {
      conditional: inner.add("guidegraph/predict", told).out("model_output"),
      unconditional: inner.add("guidegraph/predict", asked, "Predict unlabelled").out("model_output"),
      scale: inner.input("scale", "number"),
    });
    const given = { model_output: model_output.out("model_output"), x, step };
    const prediction = inner.add("guidegraph/mean-variance", given).out("prediction");
    const a = inner.add("guidegraph/ddim-step", { prediction }).out("x");
    const at = { formula: "a * max(index - 1, 0)", a: pictures, step };
    const first = inner.add("guidegraph/number-formula", at, "Where the step leads").out("number");
    const stored = { tensor: inner.input("path", "tensor"), first, count: pictures };
    const c = inner.add("guidegraph/take-samples", stored, "Encoded there").out("tensor");
    const mixed = { formula: "b * a + (1 - b) * c", a, b: inner.input("mask", "tensor"), c, meaning: "x" };
    inner.output("x", "tensor", inner.add("guidegraph/formula", mixed, "Keep the rest").out("tensor"));
  });
  b.add("guidegraph/note", { text: diffNote });
  sheet(begun, real.image, "before");
  return finish(b, down.out("x"), "diffedit", other);
}

/** 1 where ε of two labels differs by half of the most that it does, at half of the process's noise; blurred, for a latent has no single pixels. */
function whereTheyDiffer({ b, model, schedule }: Start, { x, labels }: ReturnType<typeof realPictures>, other: Wire) {
  const step = b.add("guidegraph/schedule-step", { schedule, index: 500, measure: "t" }, "Half-way").out("step");
  const [shown, asked] = [labels, other].map((labels) =>
    b.add("guidegraph/repeat-labels", { labels, times: draws }).out("labels"),
  );
  const x0 = b.add("guidegraph/repeat", { tensor: x, times: draws }).out("tensor");
  const noise = b.add("guidegraph/gaussian-noise", { model, labels: shown, seed, stream: 1 }, "Draws").out("x_T");
  const noisy = b.add("guidegraph/add-noise", { x0, noise, step }).out("x");
  const [a, c] = [shown, asked].map((labels) => {
    const model_output = b.add("guidegraph/predict", { model, x: noisy, step, labels }).out("model_output");
    return b.add("guidegraph/mean-variance", { model_output, x: noisy, step, clip_denoised: false }).out("eps");
  });
  const apart = b.add("guidegraph/difference", { a, b: c, channels: "mean" }).out("tensor");
  const drawn = b.add("guidegraph/reduce-draws", { tensor: apart, of: draws }).out("tensor");
  const mean = b.add("guidegraph/blur", { tensor: drawn, sigma: 2 }).out("tensor");
  const most = b.add("guidegraph/reduce", { tensor: mean, by: "max" }, "Most").out("tensor");
  const half = { formula: "a >= 0.5 * b", a: mean, b: most };
  const mask = b.add("guidegraph/formula", half, "Mask").out("tensor");
  const images = b.add("guidegraph/colour-map", { tensor: mask, map: "grey", high: 1 }).out("image");
  b.add("guidegraph/save-png", { images: b.add("guidegraph/grid", { images }, "Masks").out("image"), name: "masks" });
  const each = { tensor: mask, by: "matrix", matrix: "1; 1; 1" };
  return b.add("guidegraph/mix-channels", each, "Of each channel").out("tensor");
}

/** Of the reference batch, as images, as x₀, and what they show. */
function realPictures({ b }: Start, count: number) {
  const loaded = b.add("guidegraph/load-image", { file: "shapes32_reference.npz", first: 12, count }, "Real pictures");
  const image = loaded.out("image");
  return { image, labels: loaded.out("labels"), x: b.add("guidegraph/encode-image", { image }).out("x0") };
}

function sheet({ b }: Start, images: Wire, name: string): void {
  const image = b.add("guidegraph/grid", { images }, name === "before" ? "Before" : "Misled sheet").out("image");
  b.add("guidegraph/save-png", { images: image, name });
}

export const givenPictures: Readonly<Record<string, () => GraphDocument>> = {
  "edit-by-inversion": edited,
  diffedit: diffEdited,
  purification: purified,
};
