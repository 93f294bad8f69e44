/** Examples of what is done with pictures that one has: shown as something else, or freed of what misleads a classifier. */
import type { GraphDocument, Wire } from "../document/index.ts";
import { finish, insert, noiseFor, type Start, start, wanted } from "./parts.ts";

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
  purification: purified,
};
