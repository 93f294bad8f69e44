/** Examples that lie further from the reference: what rewiring a step is good for. */
import type { GraphDocument, InnerBuilder, Wire } from "../document/index.ts";
import { everyShape, finish, guidance, insert, noiseFor, realPictures, shapes, start, wanted } from "./parts.ts";
import { laidOpen } from "./samplers.ts";

/** Predict and Mean & Variance, the beginning of most steps. */
function predicted(
  inner: InnerBuilder,
  { x, step, model }: Record<"x" | "step" | "model", Wire>,
  clip_denoised = true,
) {
  const model_output = inner.add("guidegraph/predict", { model, x, step }).out("model_output");
  return { model_output, ...inner.add("guidegraph/mean-variance", { model_output, x, step, clip_denoised }) };
}

const entering = (inner: InnerBuilder) => ({
  x: inner.input("x", "tensor"),
  step: inner.input("step", "step"),
  model: inner.input("model", "model"),
});

function gradientOf(inner: InnerBuilder, x: Wire, step: Wire): Wire {
  const cond_fn = inner.input("cond_fn", "cond_fn");
  return inner.add("guidegraph/guidance-gradient", { cond_fn, x, step }).out("gradient");
}

const autoguidedNote =
  "ε = ε_weak + w (ε − ε_weak): Karras et al. 2024, Guiding a Diffusion Model with a Bad Version of Itself, arXiv:2406.02507. The weak network here is the same one about 2,700 iterations earlier, and is told the same labels; w is scale, 1 is no guidance.";

function autoguidance(): GraphDocument {
  const begun = start(
    "Autoguidance",
    "Goes away from what a weaker, less trained network predicts: guidance by a bad version of itself.",
    "ddim25",
  );
  const { b, model, schedule } = begun;
  const weak = b.add("guidegraph/load-unet", { file: "shapes32_weak.pt" }, "Load Weak UNet").out("model");
  const labels = wanted(b, everyShape, "Wanted shape", { model });
  const noise = noiseFor(begun, { labels });
  const x = insert(b, "autoguided-ddim", { schedule, x: noise.out("x_T"), model, weak, labels, scale: 2 });
  b.add("guidegraph/note", { text: autoguidedNote });
  return finish(b, x, "autoguidance", labels);
}

function normalisedGradient(): GraphDocument {
  const begun = start(
    "Normalised gradient",
    "The part of the gradient across ε is scaled to ε's own length, and fades as sampling goes on: strength by eye, not by classifier.",
    "ddim50",
  );
  const { b, model, schedule } = begun;
  const { labels, cond_fn } = guidance(begun, { file: shapes, classes: everyShape, scale: 1 });
  const noise = noiseFor(begun, { labels });
  const strength = b.add("guidegraph/number", { value: 0.6 }, "Strength").out("number");
  const given = { schedule, x: noise.out("x_T"), model, cond_fn, strength };
  const x = laidOpen(b, "normalised-ddim", given, "DDIM, normalised gradient");
  return finish(b, x, "normalised-gradient", labels);
}

function dpmSolver(): GraphDocument {
  const begun = start(
    "Guided DPM-Solver++",
    "Fifteen steps of a second-order solver: each uses the last prediction, carried by the loop; x₀ is thresholded rather than clipped.",
    "ddim15", // not "15": its first step would be t = 999, where ᾱ is 2·10⁻⁹ and a gradient moves x₀ out of all bounds
  );
  const { b, model, schedule } = begun;
  const { labels, cond_fn } = guidance(begun, { file: shapes, classes: everyShape, scale: 12 });
  const noise = noiseFor(begun, { labels });
  const given = { schedule, x: noise.out("x_T"), model, cond_fn };
  const x = laidOpen(b, "guided-dpm-solver", given, "DPM-Solver++, guided");
  return finish(b, x, "guided-dpm-solver", labels);
}

const sdedit =
  "xₜ = √ᾱₜ x₀ + √(1 − ᾱₜ) ε at the step Start, then down from there: Meng et al. 2021, SDEdit, arXiv:2108.01073, by DDPM " +
  "and guided by a classifier. A greater Start, which is at most 99 here, leaves less of the pictures.";

function imageToImage(): GraphDocument {
  const begun = start(
    "Image to image",
    "Real pictures get the noise of a step in the middle and are sampled from there, guided to another shape: place and colours stay.",
    "100",
  );
  const { b, model, schedule } = begun;
  const { labels, cond_fn } = guidance(begun, { file: shapes, classes: "3,4,6,7", scale: 10 });
  const noise = noiseFor(begun, { labels });
  const image = b.add("guidegraph/load-image", realPictures, "Real pictures").out("image");
  const x = b.add("guidegraph/encode-image", { image }).out("x0");
  const steps = b.add("guidegraph/number", { value: 64 }, "Start").out("number");
  const given = { schedule, x, model, cond_fn, noise: noise.out("noise"), eps: noise.out("x_T"), start: steps };
  const changed = insert(b, "sdedit", given);
  b.add("guidegraph/note", { text: sdedit });
  const before = b.add("guidegraph/grid", { images: image }, "Before").out("image");
  b.add("guidegraph/save-png", { images: before, name: "before" });
  return finish(b, changed, "image-to-image", labels);
}

/** Five of the reference batch that follow each other: a circle, a ring, two crescents, a ring. */
const patients = { file: "shapes32_reference.npz", first: 1364, count: 5 };

/** RePaint's walk: down in strides of `jump`, each but the first, which is all noise still, gone over again `again` times. */
function resampled(count: number, jump: number, again: number): string {
  const tops = Array.from({ length: Math.ceil(count / jump) }, (_, i) => count - 1 - i * jump);
  const strides = tops.map((top) => `${top}..${Math.max(0, top - jump + 1)}`);
  return strides.map((stride, i) => (i === 0 ? stride : `${stride}*${again + 1}`)).join(", ");
}

const repaintNote =
  "x = (1 − m) ⊙ (√ᾱₜ x₀ + √(1 − ᾱₜ) ε) + m ⊙ xₜ before each step, m white where it is drawn anew, and every five steps back up by fresh noise, three times: Lugmayr et " +
  "al. 2022, RePaint, arXiv:2201.09865, algorithm 1 and section 4.2. The order says when; set it to down: the halves do not agree.";

function inpainting(): GraphDocument {
  const begun = start(
    "Inpainting",
    "RePaint: outside the white box real pictures are kept, inside it is drawn anew; the loop goes back up so that both sides agree.",
    "50",
  );
  const { b, model, schedule } = begun;
  const image = b.add("guidegraph/load-image", realPictures, "Real pictures").out("image");
  const mask = b.add("guidegraph/box-mask", { model, right: 0.5 }).out("image");
  const x0 = b.add("guidegraph/encode-image", { image }).out("x0");
  const noise = noiseFor(begun, { batch: 4 });
  const more = (stream: number, title: string) =>
    b.add("guidegraph/gaussian-noise", { model, batch: 4, seed: 2105, stream }, title).out("noise");
  const given = {
    schedule,
    order: resampled(50, 5, 3),
    x: noise.out("x_T"),
    noise: noise.out("noise"),
    model,
    x0,
    mask,
    up: more(1, "Noise to go up"),
    known: more(2, "Noise of the known"),
  };
  const x = insert(b, "repaint", given);
  b.add("guidegraph/note", { text: repaintNote });
  const before = b.add("guidegraph/grid", { images: image }, "Before").out("image");
  b.add("guidegraph/save-png", { images: before, name: "before" });
  return finish(b, x, "inpainting");
}

const anomalyNote =
  "What it shows: the circle stays, the first ring is filled, the second crescent gets its bite back. The other crescent and the ring on black are not healed: their whole shape lights up, for this small network does not bring them back from their noise. Try another noise level, or scale.";

/** Wolleb et al. 2022, arXiv:2203.04306, Algorithm 1; half of the noise, as there. Nothing is clipped on the way. */
function anomaly(): GraphDocument {
  const begun = start(
    "Anomaly map",
    "Circles are healthy here. Pictures are encoded by DDIM and decoded by DDIM guided to a circle: where they differ is the map.",
    "ddim100",
  );
  const { b, model, schedule } = begun;
  const healthy = guidance(begun, { file: shapes, classes: "0", scale: 60, title: "Healthy" });
  const image = b.add("guidegraph/load-image", patients, "Patients").out("image");
  const x0 = b.add("guidegraph/encode-image", { image }).out("x0");
  const typed = b.add("guidegraph/number", { value: 55 }, "Noise level").out("number");
  // Below 1 there is no step to encode by, and −1 would say all of them.
  const level = b.add("guidegraph/arithmetic", { a: typed, operation: "max", b: 1 }, "One at least").out("number");
  const below = b.add("guidegraph/arithmetic", { a: level, operation: "subtract", b: 1 }, "The step before it");
  const up = { schedule, order: "up", stop: below.out("number"), x: x0, model };
  const encoded = b.loop("Encode", up, (inner) => {
    const { x, step, model } = entering(inner);
    const prediction = predicted(inner, { x, step, model }, false).out("prediction");
    inner.output("x", "tensor", inner.add("guidegraph/ddim-reverse-step", { prediction }).out("x"));
  });
  const down = { schedule, start: level, x: encoded.out("x"), model, cond_fn: healthy.cond_fn };
  const decoded = b.loop("Decode to healthy", down, (inner) => {
    const { x, step, model } = entering(inner);
    const prediction = predicted(inner, { x, step, model }, false).out("prediction");
    const moved = { prediction, gradient: gradientOf(inner, x, step) };
    const guided = inner.add("guidegraph/condition-score", moved).out("prediction");
    inner.output("x", "tensor", inner.add("guidegraph/ddim-step", { prediction: guided, eta: 0 }).out("x"));
  });
  b.add("guidegraph/note", { text: anomalyNote });
  const map = b.add("guidegraph/difference", { a: x0, b: decoded.out("x"), channels: "sum" }, "Anomaly");
  b.add("guidegraph/save-tensor", { tensor: map.out("tensor"), name: "anomaly-map" });
  const coloured = b.add("guidegraph/colour-map", { tensor: map.out("tensor"), high: 2 }).out("image");
  const images = b.add("guidegraph/decode-image", { x: decoded.out("x") }).out("image");
  b.add("guidegraph/save-npz", { images });
  for (const [sheet, name, title] of [
    [image, "patients", "As they came"],
    [images, "healthy", "As they would be"],
    [coloured, "anomaly-map", "Where they differ"],
  ] as const) {
    const row = b.add("guidegraph/grid", { images: sheet, columns: 5 }, title).out("image");
    b.add("guidegraph/preview", { images: row });
    b.add("guidegraph/save-png", { images: row, name });
  }
  return b.document();
}

export const strategies: Readonly<Record<string, () => GraphDocument>> = {
  autoguidance,
  "normalised-gradient": normalisedGradient,
  "guided-dpm-solver": dpmSolver,
  "image-to-image": imageToImage,
  inpainting,
  "anomaly-map": anomaly,
};
