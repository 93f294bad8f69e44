/** Examples of several wishes in one picture, of pictures that guide, and of the way between two noises. */
import type { GraphDocument, Wire } from "../document/index.ts";
import { finish, insert, noiseFor, realPictures, seed, start, wanted } from "./parts.ts";
import { laidOpen } from "./samplers.ts";

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
  const x = laidOpen(b, "composed-ddim", given, "DDIM, composed");
  b.add("guidegraph/note", { text: composed });
  return finish(b, x, "composed-guidance", wishes.left);
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
  const x = laidOpen(b, "ilvr", given, "DDPM, what is coarse replaced");
  b.add("guidegraph/note", { text: ilvrNote });
  const before = b.add("guidegraph/grid", { images: image }, "Before").out("image");
  b.add("guidegraph/save-png", { images: before, name: "before" });
  return finish(b, x, "ilvr", labels);
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

export const compositions: Readonly<Record<string, () => GraphDocument>> = {
  "composed-guidance": composedGuidance,
  ilvr,
  "noise-walk": noiseWalk,
};
