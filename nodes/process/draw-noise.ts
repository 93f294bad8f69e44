import { sameSize } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/draw-noise",
  version: 1,
  title: "Draw Noise",
  category: "process",
  description: "Takes the draw of a noise stream that belongs to the step, as a tensor.",
  equation: "zₜ",
  reference: "th.randn_like",
  inputs: {
    noise: port.noise({
      help: "A sampler's step that takes this stream too gets the very same draw; another stream gives another.",
    }),
    step: port.step({ counted: true }),
  },
  outputs: { eps: port.tensor({ meaning: "eps" }) },
  infer: ({ noise }) => ({ eps: { ...sameSize({ noise }), meaning: "eps" } }),
  run: ({ noise, step }) => ({ eps: noise.draw(step.draw) }),
  draw: ({ noise, step }) => ({ eps: noise.draw(step) }),
});
