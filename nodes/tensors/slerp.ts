import { broadcastBatch, STRAIGHT, slerp } from "../../diffusion/index.ts";
import { atPort, broadcastSize, numbersSizes, sameSize } from "../checks.ts";
import { scaled } from "../lengths.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { sumMeaning } from "./meaning.ts";

export default defineNode({
  type: "guidegraph/slerp",
  version: 1,
  title: "Slerp",
  category: "tensors",
  description: "Goes from one noise to another along the sphere, so that what lies between is noise as well.",
  equation: "sin((1 − t)θ)/sin θ · a + sin(tθ)/sin θ · b",
  reference: "spherical linear interpolation, latent walk",
  inputs: {
    a: port.tensor({ help: "From a sample of zeros, which has no direction, the way is straight." }),
    b: port.tensor({ help: "One sample serves all." }),
    t: port.numbers({ default: 0.5, help: "0 gives a, 1 gives b; or one a sample, for a walk." }),
  },
  outputs: { tensor: port.tensor() },
  infer: ({ a, b, t }) => ({
    tensor: { ...sameSize({ a: broadcastSize({ a, b }), ...numbersSizes({ t }) }), ...sumMeaning(a, b) },
  }),
  run: ({ a, b, t }) => ({ tensor: atPort("b", () => slerp(...broadcastBatch(a, b), t)) }),
  draw: ({ a, b, t }, { op }) => {
    const axes = op.int64([1, 2, 3]);
    const [u, v] = [a, b].map((one) => {
      const { unit } = scaled(op, one, axes);
      const length = op.ReduceL2(unit, axes);
      return op.Div(unit, op.Where(op.Equal(length, 0), 1, length));
    });
    // sin θ = ‖u − v‖ ‖u + v‖ / 2 and tan θ/2 = ‖u − v‖ / ‖u + v‖: of a cosine near ±1 float32 has not the angle any more.
    const [apart, across] = [op.Sub(u, v), op.Add(u, v)].map((one) => op.ReduceSumSquare(one, axes));
    const isStraight = op.Less(op.Mul(apart, across), 4 * STRAIGHT ** 2);
    // Where the way is straight the angle is not asked for: it would have no slope there.
    const safe = op.Div(op.Where(isStraight, 1, apart), op.Where(isStraight, 1, across));
    const angle = op.Mul(2, op.Atan(op.Sqrt(safe)));
    const weight = (part: string) => op.Where(isStraight, part, op.Div(op.Sin(op.Mul(part, angle)), op.Sin(angle)));
    const way = op.Add(op.Mul(weight(op.Sub(1, t)), a), op.Mul(weight(t), b));
    // A graph cannot refuse: between opposites it gives NaN, which is stopped where it comes out.
    const isBetween = op.Not(op.Or(op.Equal(t, 0), op.Equal(t, 1)));
    const isOpposite = op.And(op.And(isStraight, op.Less(across, apart)), isBetween);
    return { tensor: op.Mul(way, op.Where(isOpposite, Number.NaN, 1)) };
  },
});
