/** Examples that differentiate what is wired, the UNet included. */
import type { GraphDocument } from "../document/index.ts";
import { finish, noiseFor, realPictures, start } from "./parts.ts";
import { measurements } from "./restoring.ts";
import { laidOpen } from "./samplers.ts";

const dps =
  "Diffusion posterior sampling (Chung et al. 2022, arXiv:2209.14687, algorithm 1): xₜ₋₁ = x′ₜ₋₁ − ζ · ∇ₓₜ ‖y − A(x̂₀(xₜ))‖, where x′ₜ₋₁ is " +
  "the DDPM step and the gradient goes through the UNet; it is the paper's ζᵢ ∇‖…‖² with ζᵢ = ζ / 2‖…‖. Here A ";

interface Restored {
  readonly sampler: keyof typeof measurements;
  readonly title: string;
  readonly description: string;
  readonly note: string;
  /** The half that is looked at; without it all of it is. */
  readonly mask?: Readonly<Record<string, number>>;
}

const restored = {
  "posterior-sampling": {
    sampler: "dps-inpainting",
    title: "Diffusion posterior sampling",
    description:
      "Inpainting by a gradient through the UNet: each step is corrected so that the predicted clean picture agrees with what is known.",
    note: "keeps what the mask shows; Super-resolution and Deblurring are the same graph with Average Pool or Blur before the error.",
    mask: { right: 0.5 },
  },
  "super-resolution": {
    sampler: "dps-super-resolution",
    title: "Super-resolution",
    description:
      "Pictures of 8×8 are drawn at 32×32: each step is corrected so that the predicted clean picture, made small again, agrees.",
    note: "averages squares of 4×4 pixels (Average Pool), of the real pictures before the loop and of the predicted ones inside it.",
  },
  deblurring: {
    sampler: "dps-deblurring",
    title: "Deblurring",
    description:
      "Blurred pictures are drawn sharp: each step is corrected so that the predicted clean picture, blurred again, agrees.",
    note: "is a Gaussian blur of 2 pixels, of the real pictures before the loop and of the predicted ones inside it.",
  },
} satisfies Readonly<Record<string, Restored>>;

function posterior(name: keyof typeof restored): GraphDocument {
  const { sampler, title, description, note, mask: shown }: Restored = restored[name];
  const { of, zeta: value } = measurements[sampler];
  const begun = start(title, description, "100");
  const { b, model, schedule } = begun;
  const image = b.add("guidegraph/load-image", realPictures, "Real pictures").out("image");
  const mask = shown && { mask: b.add("guidegraph/box-mask", { model, ...shown }, "Known").out("image") };
  const y = of(b, b.add("guidegraph/encode-image", { image }).out("x0"));
  const noise = noiseFor(begun, { batch: 4 });
  const zeta = b.add("guidegraph/number", { value }, "ζ").out("number");
  const given = { schedule, x: noise.out("x_T"), noise: noise.out("noise"), model, y, ...mask, zeta };
  const x = laidOpen(b, sampler, given, "DDPM, corrected");
  b.add("guidegraph/note", { text: `${dps}${note}` });
  const before = b.add("guidegraph/grid", { images: image }, "Before").out("image");
  b.add("guidegraph/save-png", { images: before, name: "before" });
  return finish(b, x, name);
}

export const throughTheNetwork: Readonly<Record<string, () => GraphDocument>> = {
  "posterior-sampling": () => posterior("posterior-sampling"),
  "super-resolution": () => posterior("super-resolution"),
  deblurring: () => posterior("deblurring"),
};
