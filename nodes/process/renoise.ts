import { renoise, renoising } from "../../diffusion/index.ts";
import { sameSize, wantMeaning } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/renoise",
  version: 1,
  title: "Renoise",
  category: "process",
  description: "Makes x noisier where the loop goes back up to a step it has done, and leaves it alone elsewhere.",
  equation: "x = √(ᾱₜ / ᾱ) · x + √(1 − ᾱₜ / ᾱ) · z",
  reference: "RePaint, resampling, undo",
  inputs: {
    x: port.tensor({ meaning: "x" }),
    step: port.step(),
    noise: port.noise({ help: "Of another stream than the sampler's." }),
  },
  outputs: { x: port.tensor({ meaning: "x" }) },
  climbs: true,
  infer: ({ x, noise }) => {
    wantMeaning({ x }, "x", "x0");
    return { x: { ...sameSize({ x, noise }), meaning: "x" } };
  },
  run: ({ x, step, noise }) => ({
    x: step.arrived === undefined ? x : renoise(x, noise.draw(step.draw), step.arrived, step.at),
  }),
  draw: ({ x, step, noise }, { op }) => {
    const [kept, added] = ([0, 1] as const).map((i) =>
      step.map(({ arrived, at }) => (arrived === undefined ? 1 - i : renoising(arrived, at)[i])),
    );
    return {
      x: op.Add(
        op.Mul(
          x,
          kept.number((kept) => kept),
        ),
        noise.draw(step, added),
      ),
    };
  },
});
