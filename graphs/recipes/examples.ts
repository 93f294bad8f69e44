/** The example graphs, each a few nodes around a sampler of the library. `npm run graphs` writes them as files. */
import type { GraphDocument } from "../document/index.ts";
import { beyondLabels } from "./beyond-labels.ts";
import { compositions } from "./compositions.ts";
import { conditions } from "./conditions.ts";
import { givenPictures } from "./given-pictures.ts";
import { colours, everyShape, finish, guidance, insert, noiseFor, shapes, start, wanted } from "./parts.ts";
import { readersGuide } from "./readers-guide.ts";
import { laidOpen } from "./samplers.ts";
import { strategies } from "./strategies.ts";
import { throughTheNetwork } from "./through-the-network.ts";

const sixteenStars = Array(16).fill(3).join(",");
function guided(
  sampler: "guided-ddpm" | "guided-ddim",
  title: string,
  description: string,
  respacing: string,
  scale: number,
  text: string,
) {
  const begun = start(title, description, respacing);
  const { b, model, schedule } = begun;
  const { labels, cond_fn } = guidance(begun, { file: shapes, classes: everyShape, scale });
  const noise = noiseFor(begun, { labels });
  const x = insert(b, sampler, { schedule, x: noise.out("x_T"), model, cond_fn, noise: noise.out("noise") });
  const round = b.add("guidegraph/reroute", { value: labels }).out("value");
  b.add("guidegraph/note", { text });
  return finish(b, x, sampler, round);
}

/** What guidance reaches, told by a network that never guides: over as many batches as are run. */
function judged(): GraphDocument {
  const begun = start(
    "Guided and judged",
    "A reader that never guides says what share of the pictures shows the wanted shape, and how far they are from real ones.",
    "ddim25",
  );
  const { b, model, schedule } = begun;
  const { labels, cond_fn } = guidance(begun, { file: shapes, classes: everyShape, scale: 22 });
  const noise = noiseFor(begun, { labels });
  const given = { schedule, x: noise.out("x_T"), model, cond_fn, noise: noise.out("noise") };
  const images = b.add("guidegraph/decode-image", { x: insert(b, "guided-ddim", given) }).out("image");
  b.add("guidegraph/accuracy", { images, labels });
  b.add("guidegraph/frechet-distance", { images });
  b.add("guidegraph/note", {
    text: "Try this: run eight batches, then set the scale of Build cond_fn to 0 and run them again.",
  });
  const sheet = b.add("guidegraph/grid", { images }).out("image");
  b.add("guidegraph/preview", { images: sheet });
  b.add("guidegraph/save-png", { images: sheet, name: "guided-and-judged" });
  b.add("guidegraph/save-npz", { images, labels });
  return b.document();
}

/** A sampling loop laid open in the document itself: the point of this graph is its inside. */
function redStar(): GraphDocument {
  const begun = start(
    "A red star",
    "Two classifiers each say where x should go, one for the shape and one for the colour; their gradients are added on a wire.",
    "100",
  );
  const { b, model, schedule } = begun;
  const shape = { file: shapes, classes: sixteenStars, scale: 8, loader: "Load Shape Classifier" };
  // One colour is for every picture, however many shapes are wanted.
  const colour = { file: colours, classes: "0", scale: 8, title: "Wanted colour", loader: "Load Colour Classifier" };
  const { labels, cond_fn: shape_fn } = guidance(begun, shape);
  const { cond_fn: colour_fn } = guidance(begun, colour);
  const noise = noiseFor(begun, { labels });
  const given = { schedule, x: noise.out("x_T"), noise: noise.out("noise"), model, shape_fn, colour_fn };
  const loop = b.loop("Two gradients, added", given, (inner) => {
    const [x, step] = [inner.input("x", "tensor"), inner.input("step", "step")];
    const network = inner.input("model", "model");
    const model_output = inner.add("guidegraph/predict", { model: network, x, step }).out("model_output");
    const prediction = inner.add("guidegraph/mean-variance", { model_output, x, step }).out("prediction");
    const [a, c] = (["shape_fn", "colour_fn"] as const).map((name) =>
      inner
        .add(
          "guidegraph/guidance-gradient",
          { cond_fn: inner.input(name, "cond_fn"), x, step },
          `Gradient of ${name === "shape_fn" ? "shape" : "colour"}`,
        )
        .out("gradient"),
    );
    const gradient = inner.add("guidegraph/add", { a, b: c }, "Shape + colour").out("tensor");
    const moved = inner.add("guidegraph/condition-mean", { prediction, gradient }).out("prediction");
    const next = inner.add("guidegraph/ddpm-step", { prediction: moved, noise: inner.input("noise", "noise") });
    inner.output("x", "tensor", next.out("x"));
  });
  return finish(b, loop.out("x"), "red-star", labels);
}

function gradientAtTheMean(): GraphDocument {
  const begun = start(
    "Gradient at the mean",
    "The classifier looks at the predicted mean, an estimate of xₜ₋₁, instead of at xₜ: two wires moved, another guidance strategy.",
    // Not "50", which begins at t = 999: there the mean is an empty picture, and what the classifier says of it misleads. Of 32
    // pictures 0.48 showed the wanted shape then, and all of them do now.
    "ddim50",
  );
  const { b, model, schedule } = begun;
  const { labels, cond_fn } = guidance(begun, { file: shapes, classes: everyShape, scale: 8 });
  const noise = noiseFor(begun, { labels });
  const given = { schedule, x: noise.out("x_T"), noise: noise.out("noise"), model, cond_fn };
  const x = laidOpen(b, "mean-guided-ddpm", given, "DDPM, gradient at the mean");
  return finish(b, x, "gradient-at-the-mean", labels);
}

function unguidedDdpm(): GraphDocument {
  const begun = start(
    "Unguided DDPM",
    "Ancestral sampling without labels: the network draws any shape in any colour.",
    "100",
  );
  const { b, model, schedule } = begun;
  const noise = noiseFor(begun, { batch: 16 });
  const x = insert(b, "unguided-ddpm", { schedule, x: noise.out("x_T"), model, noise: noise.out("noise") });
  return finish(b, x, "unguided-ddpm");
}

function classConditional(
  sampler: "unguided-ddim" | "classifier-free-ddim",
  name: string,
  title: string,
  description: string,
) {
  const begun = start(title, description, "ddim25");
  const { b, model, schedule } = begun;
  const labels = wanted(b, everyShape, "Wanted shape", { model });
  const noise = noiseFor(begun, { labels });
  const x = insert(b, sampler, { schedule, x: noise.out("x_T"), model, labels, noise: noise.out("noise") });
  return finish(b, x, name, labels);
}

const inverted =
  "What comes back is a latent from which DDIM draws the same picture, not the noise it was drawn from: here it has 0.28 of that " +
  "noise's deviation and correlates 0.29 with it, of 250 steps 0.27 and 0.25. The last step of sampling takes away what noise is left, " +
  "of deviation 0.006, and that is what the latent was known by: walked up from x before that step it has a deviation of 1.16 and correlates " +
  "0.93, of 250 steps 1.05 and 0.99. With other noise of step 0 on the picture (Add Noise) it is like fresh noise, of deviation 0.96, " +
  "and correlates 0.94 with that noise. The picture comes again to 28 to 30 dB whichever it is walked from, of 250 steps to 36 or 37 dB " +
  "(`npm run bench -- inversion`). It serves to draw the picture again, under other labels or guidance, say.";

function ddimInversion(): GraphDocument {
  const begun = start(
    "DDIM inversion",
    "Pictures are sampled, walked back to a latent, and sampled again from that: the two sheets agree, the latents do not.",
    "ddim100",
  );
  const { b, model, schedule } = begun;
  const labels = wanted(b, "0,3,4,9", "Wanted shape", { model });
  const noise = noiseFor(begun, { labels });
  const given = { schedule, model, labels };
  const sampled = insert(b, "unguided-ddim", { ...given, x: noise.out("x_T") });
  const latent = insert(b, "ddim-inversion", { ...given, x: sampled });
  const again = insert(b, "unguided-ddim", { ...given, x: latent });
  b.add("guidegraph/note", { text: inverted });
  const first = b.add("guidegraph/decode-image", { x: sampled }, "Decode the first").out("image");
  b.add("guidegraph/save-png", { images: b.add("guidegraph/grid", { images: first }).out("image"), name: "sampled" });
  return finish(b, again, "sampled-again", labels);
}

export const examples: Readonly<Record<string, () => GraphDocument>> = {
  "unguided-ddpm": unguidedDdpm,
  "guided-ddpm": () =>
    guided(
      "guided-ddpm",
      "Guided DDPM",
      "Ancestral sampling; the classifier's gradient moves each step's mean towards the wanted shapes.",
      "100",
      8,
      "Try this: open Guided DDPM and bypass Condition Mean (Ctrl+B). Same noise, no guidance.",
    ),
  "guided-ddim": () =>
    guided(
      "guided-ddim",
      "Guided DDIM",
      "25 steps of DDIM; the classifier's gradient moves the score towards the wanted shapes.",
      "ddim25",
      22,
      "Try this: set the scale of Build cond_fn to 0 and run again. Same noise, no guidance. The scale trades: of 128 pictures 0.97 show the wanted shape at 22, at a Fréchet distance of 60 from real ones, and 0.90 at 8, at 27.",
    ),
  "guided-and-judged": judged,
  "class-conditional-ddim": () =>
    classConditional(
      "unguided-ddim",
      "class-conditional-ddim",
      "Class-conditional DDIM",
      "The network is told the wanted shapes; nothing guides it.",
    ),
  "classifier-free-ddim": () =>
    classConditional(
      "classifier-free-ddim",
      "classifier-free-ddim",
      "Classifier-free DDIM",
      "Goes beyond the labelled prediction, away from the unlabelled one: guidance without a classifier.",
    ),
  "red-star": redStar,
  "gradient-at-the-mean": gradientAtTheMean,
  "ddim-inversion": ddimInversion,
  ...beyondLabels,
  ...compositions,
  ...conditions,
  ...givenPictures,
  ...strategies,
  ...throughTheNetwork,
  ...readersGuide,
};
