import { STRAIGHT, slerp } from "../../diffusion/index.ts";
import { atPort, numbersSizes, sameSize } from "../checks.ts";
import { cosineOf } from "../lengths.ts";
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
    b: port.tensor(),
    t: port.numbers({ default: 0.5, help: "0 gives a, 1 gives b; or one a sample, for a walk." }),
  },
  outputs: { tensor: port.tensor() },
  infer: ({ a, b, t }) => ({ tensor: { ...sameSize({ a, b, ...numbersSizes({ t }) }), ...sumMeaning(a, b) } }),
  run: ({ a, b, t }) => ({ tensor: atPort("b", () => slerp(a, b, t)) }),
  draw: ({ a, b, t }, { op }) => {
    const cosine = op.Clip(cosineOf(op, a, b), -1, 1);
    const isStraight = op.Less(op.Sqrt(op.Sub(1, op.Mul(cosine, cosine))), STRAIGHT);
    // Where the way is straight the angle is not asked for: it would have no slope there.
    const safe = op.Where(isStraight, 0, cosine);
    const [angle, sine] = [op.Acos(safe), op.Sqrt(op.Sub(1, op.Mul(safe, safe)))];
    const weight = (part: string) => op.Where(isStraight, part, op.Div(op.Sin(op.Mul(part, angle)), sine));
    const way = op.Add(op.Mul(weight(op.Sub(1, t)), a), op.Mul(weight(t), b));
    // A graph cannot refuse: between opposites it gives NaN, which is stopped where it comes out.
    const isOpposite = op.And(isStraight, op.Less(cosine, 0));
    return { tensor: op.Mul(way, op.Where(isOpposite, Number.NaN, 1)) };
  },
});
