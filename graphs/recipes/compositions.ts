/** Examples of several wishes in one picture, of pictures that guide, and of the way between two noises. */
import type { GraphDocument, InnerBuilder, Wire } from "../document/index.ts";
import { finish, insert, noiseFor, realPictures, seed, start, wanted } from "./parts.ts";
import { formula, parameter, predict, raw, type StepWires } from "./step-parts.ts";

const composed =
  "ε = ε_u + w (ε_c − ε_u) − n (ε_n − ε_u): Liu et al. 2022, Compositional Visual Generation with Composable Diffusion Models, " +
  "arXiv:2206.01714, conjunction and negation. ε_c is the left wish's where Left is white and the right wish's elsewhere; ε_n is told " +
  "what is not wanted. Four questions to the network a step. Set Away to 0: without the negative wish.";

function composedGuidance(): GraphDocument {
  const begun = start(
    "Composed guidance",
    "Two wishes, each for one half of the picture by a mask, and a third that is to be avoided: all without a classifier.",
    "ddim25",
  );
  const { b, model, schedule } = begun;
  const wishes = {
    left: wanted(b, "4,3,0,1,5,2", "Left wish", { model }),
    right: wanted(b, "0,4,1,3,0,1", "Right wish", { model }),
    not: wanted(b, "7", "Not wanted", { model, count: 6 }),
  };
  const noise = noiseFor(begun, { labels: wishes.left });
  const mask = b.add("guidegraph/box-mask", { model, right: 0.5 }, "Left").out("image");
  const scale = b.add("guidegraph/number", { value: 2 }, "Towards").out("number");
  const away = b.add("guidegraph/number", { value: 0.5 }, "Away").out("number");
  const given = { schedule, x: noise.out("x_T"), model, ...wishes, mask, scale, away };
  const loop = b.loop("DDIM, composed", given, (inner) => {
    const { x, step, model } = entering(inner);
    const wires: StepWires = { x, step, entering: { model } };
    const output = (labels: Wire | undefined, title: string): Wire =>
      predict(inner, { ...wires, entering: { model, ...(labels && { labels }) } }, title);
    const eps = (output: Wire, title: string): Wire => raw(inner, wires, output, title)("eps");
    const left = output(inner.input("left", "labels"), "Predict left");
    const [tensor, other, a, c] = [
      eps(left, "ε left"),
      eps(output(inner.input("right", "labels"), "Predict right"), "ε right"),
      eps(output(undefined, "Predict unlabelled"), "ε unlabelled"),
      eps(output(inner.input("not", "labels"), "Predict not wanted"), "ε not wanted"),
    ];
    const halves = { tensor, other, mask: inner.input("mask", "image") };
    const both = inner.add("guidegraph/mask", halves, "Each in its half").out("tensor");
    const [d, e] = (["scale", "away"] as const).map((name, i) =>
      parameter(inner, ["w", "n"][i], inner.input(name, "number")),
    );
    const sum = formula(inner, "Towards and away", "a + d * (b - a) - e * (c - a)", { a, b: both, c, d, e });
    const made = inner.add("guidegraph/prediction-from-eps", { eps: sum, x, step, model_output: left });
    const next = inner.add("guidegraph/ddim-step", { prediction: made.out("prediction") });
    inner.output("x", "tensor", next.out("x"));
  });
  b.add("guidegraph/note", { text: composed });
  return finish(b, loop.out("x"), "composed-guidance", wishes.left);
}

const ilvrNote =
  "xₜ₋₁ = x′ₜ₋₁ + φ_N(yₜ₋₁) − φ_N(x′ₜ₋₁): Choi et al. 2021, arXiv:2108.02938, algorithm 1. x′ₜ₋₁ is the DDPM step, yₜ₋₁ the real picture " +
  "with as much noise, φ_N what is coarser than N pixels (Low Pass). A larger factor keeps less of the real pictures.";

function ilvr(): GraphDocument {
  const begun = start(
    "ILVR",
    "Other shapes that keep what is coarse in real pictures: at each step the low frequencies are taken from those.",
    "100",
  );
  const { b, model, schedule } = begun;
  const labels = wanted(b, "3,4,6,7", "Wanted shape", { model });
  const image = b.add("guidegraph/load-image", realPictures, "Real pictures").out("image");
  const y = b.add("guidegraph/encode-image", { image }).out("x0");
  const noise = noiseFor(begun, { labels });
  const known = b
    .add("guidegraph/gaussian-noise", { model, labels, seed, stream: 1 }, "Noise of the real")
    .out("noise");
  const factor = b.add("guidegraph/number", { value: 8 }, "Factor").out("number");
  const given = { schedule, x: noise.out("x_T"), noise: noise.out("noise"), known, model, labels, y, factor };
  const loop = b.loop("DDPM, what is coarse replaced", given, (inner) => {
    const { x, step, model } = entering(inner);
    const asked = { model, x, step, labels: inner.input("labels", "labels") };
    const model_output = inner.add("guidegraph/predict", asked).out("model_output");
    const prediction = inner.add("guidegraph/mean-variance", { model_output, x, step }).out("prediction");
    const next = { prediction, noise: inner.input("noise", "noise") };
    const a = inner.add("guidegraph/ddpm-step", next).out("x");
    const eps = inner.add("guidegraph/draw-noise", { noise: inner.input("known", "noise"), step }).out("eps");
    const noisy = "sqrt(alpha_bar_prev) * a + sqrt(1 - alpha_bar_prev) * b";
    const real = { a: inner.input("y", "tensor"), b: eps, step, meaning: "x" };
    const size = inner.input("factor", "number");
    const low = (tensor: Wire, title: string): Wire =>
      inner.add("guidegraph/low-pass", { tensor, factor: size }, title).out("tensor");
    const parts = {
      a,
      b: low(formula(inner, "Real, as noisy", noisy, real), "φ of the real"),
      c: low(a, "φ of the drawn"),
    };
    inner.output("x", "tensor", formula(inner, "Take what is coarse", "a + b - c", parts));
  });
  b.add("guidegraph/note", { text: ilvrNote });
  const before = b.add("guidegraph/grid", { images: image }, "Before").out("image");
  b.add("guidegraph/save-png", { images: before, name: "before" });
  return finish(b, loop.out("x"), "ilvr", labels);
}

const walkNote =
  "x = sin((1 − t)θ)/sin θ · a + sin(tθ)/sin θ · b, cos θ = a·b / (‖a‖ ‖b‖): Shoemake 1985, between noises as in Song et al. 2020, " +
  "arXiv:2010.02502, appendix D.5. A straight way would lead through noise that is too weak. The loop asks no network: it counts t " +
  "from 0 to 1, and Collect puts the noises behind each other.";

/** Noises on the way, the ends among them. */
const stations = 8;

function noiseWalk(): GraphDocument {
  const begun = start(
    "Noise walk",
    "Eight pictures on the way from one noise to another along the sphere, where all noise of normal values lies.",
    "ddim25",
  );
  const { b, model, schedule } = begun;
  const end = (stream: number, title: string): Wire =>
    b.add("guidegraph/gaussian-noise", { model, schedule, batch: 1, seed, stream }, title).out("x_T");
  const ends = { a: end(0, "From"), b: end(1, "To") };
  const walk = b.loop("Walk", { schedule, order: `${stations - 1}..0`, ...ends }, (inner) => {
    const t = inner.add("guidegraph/step-value", { step: inner.input("step", "step") }).out("progress");
    const [a, b] = [inner.input("a", "tensor"), inner.input("b", "tensor")];
    const tensor = inner.add("guidegraph/slerp", { a, b, t }).out("tensor");
    const collected = { tensor, before: inner.input("noises", "tensor") };
    inner.output("noises", "tensor", inner.add("guidegraph/collect", collected).out("tensor"));
  });
  const shape = wanted(b, "3", "Shape", { model });
  const labels = b.add("guidegraph/repeat-labels", { labels: shape, times: stations }).out("labels");
  const x = insert(b, "unguided-ddim", { schedule, x: walk.out("noises"), model, labels });
  b.add("guidegraph/note", { text: walkNote });
  return finish(b, x, "noise-walk", labels);
}

const entering = (inner: InnerBuilder) => ({
  x: inner.input("x", "tensor"),
  step: inner.input("step", "step"),
  model: inner.input("model", "model"),
});

export const compositions: Readonly<Record<string, () => GraphDocument>> = {
  "composed-guidance": composedGuidance,
  ilvr,
  "noise-walk": noiseWalk,
};
