import { groupsOf, resample, uniformOf } from "../../diffusion/index.ts";
import { atPort, facts, knownNumber, numbersSizes, sameSize } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { grouped, groupParameter } from "./groups.ts";

export default defineNode({
  type: "guidegraph/resample",
  version: 1,
  title: "Resample",
  category: "batch",
  description: "Says which particles go on: those of much weight more than once, those of little not at all.",
  equation: "ESS = 1 / Σ w̄ᵢ²",
  reference: "sequential Monte Carlo, systematic resampling, particle filter, twisted diffusion sampler",
  inputs: {
    log_weights: port.tensor({ help: "A number a sample, N×1×1×1: log w." }),
    noise: port.noise({ help: "Of another stream than the sampler's." }),
    step: port.step(),
    of: groupParameter("Neighbouring samples that are particles of one"),
    threshold: port.number({
      default: 0.5,
      min: 0,
      max: 1,
      help: "They are drawn where fewer than this part of them count (ESS / n); 1: whenever weights differ.",
    }),
  },
  outputs: {
    indices: port.tensor({ help: "For Gather. Where nothing is drawn each particle stays where it is." }),
    log_weights: port.tensor({ help: "What they are then: 0 where particles were drawn." }),
  },
  infer: ({ log_weights, noise }, known) => {
    numbersSizes({ log_weights });
    const { batch } = sameSize({
      log_weights: facts({ batch: log_weights?.batch }),
      noise: facts({ batch: noise?.batch }),
    });
    grouped(knownNumber(known.parameter("of")), facts({ batch }));
    const each = { ...facts({ batch }), channels: 1, height: 1, width: 1 };
    return { indices: each, log_weights: each };
  },
  undrawn: "draws at random",
  run: ({ log_weights, noise, step, of, threshold }) => {
    const each = of || log_weights.dims[0];
    atPort("of", () => groupsOf(log_weights.dims[0], each));
    const uniform = atPort("noise", () => uniformOf(noise.draw(step.draw)));
    const { indices, logWeights } = atPort("log_weights", () => resample(log_weights, each, threshold, uniform));
    return { indices, log_weights: logWeights };
  },
});
