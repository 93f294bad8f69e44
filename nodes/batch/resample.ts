import { groupsOf, resample, uniformOf } from "../../diffusion/index.ts";
import { atPort, facts, knownNumber, numbersSizes, sameSize } from "../checks.ts";
import type { Value } from "../drawing.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { drawnGroups, grouped, groupParameter } from "./groups.ts";

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
    step: port.step({ counted: true }),
    of: groupParameter("Neighbouring samples that are particles of one"),
    threshold: port.number({
      default: 0.5,
      min: 0,
      max: 1,
      help: "They are drawn where fewer than this part of them count (ESS / n); 1: whenever weights differ.",
    }),
  },
  outputs: {
    indices: port.tensor({
      own: true,
      help: "For Gather. Where nothing is drawn each particle stays where it is. In a Differentiate which are drawn counts as constant.",
    }),
    log_weights: port.tensor({ help: "What they are then: 0 where particles were drawn." }),
  },
  infer: ({ log_weights, noise }, known) => {
    numbersSizes({ log_weights });
    const { batch } = sameSize({
      log_weights: facts({ batch: log_weights?.batch }),
      noise: facts({ batch: noise?.batch }),
    });
    const { of, groups } = grouped(knownNumber(known.parameter("of")), facts({ batch }));
    const each = { ...facts({ batch }), channels: 1, height: 1, width: 1 };
    const reaches = groups === undefined ? undefined : (groups - 1) * of!;
    return { indices: { ...each, ...facts({ reaches }) }, log_weights: each };
  },
  run: ({ log_weights, noise, step, of, threshold }) => {
    const each = of || log_weights.dims[0];
    atPort("of", () => groupsOf(log_weights.dims[0], each));
    const uniform = atPort("noise", () => uniformOf(noise.draw(step.draw)));
    const { indices, logWeights } = atPort("log_weights", () => resample(log_weights, each, threshold, uniform));
    return { indices, log_weights: logWeights };
  },
  // Which are drawn does not change with a small change of the weights: no gradient goes through them.
  draw: ({ log_weights, noise, step, of, threshold }, drawing) => {
    const { op } = drawing;
    const each = of.fixed || drawing.samples(log_weights);
    const { rows, firsts } = drawnGroups(log_weights, of, drawing);
    const perSample = (rows: Value) => op.Reshape(rows, op.Shape(log_weights));
    const along = op.int64([1]);
    const total = (x: Value) => op.ReduceSum(x, along, { keepdims: 1 });
    const parts = op.Exp(op.Sub(rows, op.ReduceMax(rows, along, { keepdims: 1 })));
    const effective = op.Div(op.Mul(total(parts), total(parts)), total(op.Mul(parts, parts)));
    const isDrawn = op.Less(effective, op.Mul(threshold.value, each));
    // Of the group's first sample the two values of which `uniformOf` makes a uniform number.
    const values = op.Reshape(noise.draw(step), op.int64([0, -1]));
    const [z0, z1] = [0, 1].map((i) => {
      const column = op.Slice(values, op.int64([i]), op.int64([i + 1]), along);
      return op.Slice(op.Reshape(column, op.int64([-1, each])), op.int64([0]), op.int64([1]), along);
    });
    const square = op.Add(op.Mul(z0, z0), op.Mul(z1, z1));
    const uniform = op.Min(1 - 2 ** -24, op.Exp(op.Mul(square, -0.5)));
    const places = Array.from({ length: each }, (_, k) => k);
    const own = op.float(places, [1, each]);
    const wanted = op.Mul(op.Div(op.Add(own, uniform), each), total(parts));
    // The particle of a place: as many come before it as have their parts end short of it; the last has no end.
    const ends = op.CumSum(op.Slice(parts, op.int64([0]), op.int64([each - 1]), along), op.int64(1));
    const isShort = op.Less(op.Unsqueeze(ends, op.int64([1])), op.Unsqueeze(wanted, op.int64([2])));
    const before = op.ReduceSum(op.Cast(isShort, { to: "float32" }), op.int64([2]), { keepdims: 0 });
    return {
      indices: perSample(op.Add(op.Where(isDrawn, before, own), firsts)),
      log_weights: perSample(op.Where(isDrawn, 0, rows)),
    };
  },
});
