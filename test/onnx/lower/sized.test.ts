/** What a run holds is told before it from the sizes in a lowered graph: an operator of unknown size would count as nothing. */
import { expect, test } from "vitest";
import { courseOf, type Flavour, flavours, lower, type OnnxModel, withGradient } from "../../../onnx/index.ts";
import { forwardTrial, gradientTrial, randomNetwork, tinyFlags } from "../../../server/providers/trial.ts";

const unet = (fp16 = false): OnnxModel => randomNetwork("unet", tinyFlags.unet).build({ fp16 });
const graphs: Readonly<Record<string, (flavour: Flavour) => OnnxModel>> = {
  "a UNet": (flavour) => forwardTrial({ flavour }).model,
  "a UNet of half precision": (flavour) => forwardTrial({ flavour }, true).model,
  "a classifier's gradient": (flavour) => gradientTrial({ flavour }).model,
  "a gradient through a UNet": (flavour) =>
    lower(withGradient(unet(), { of: "out", wrt: "x", output: "gradient" }), flavour),
};
const cases = Object.keys(graphs).flatMap((name) => flavours.map((flavour) => [name, flavour] as const));

test.each(cases)("every value of %s has a size where it is lowered for %s", (name, flavour) => {
  expect(courseOf(graphs[name](flavour)).isWhole).toBe(true);
});
