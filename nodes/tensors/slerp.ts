import { STRAIGHT, slerp } from "../../diffusion/index.ts";
import { atPort, numbersSizes, sameSize } from "../checks.ts";
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
    a: port.tensor(),
    b: port.tensor(),
    t: port.numbers({ default: 0.5, help: "0 gives a, 1 gives b; or one a sample, for a walk." }),
  },
  outputs: { tensor: port.tensor() },
  infer: ({ a, b, t }) => ({ tensor: { ...sameSize({ a, b, ...numbersSizes({ t }) }), ...sumMeaning(a, b) } }),
  run: ({ a, b, t }) => ({ tensor: atPort("b", () => slerp(a, b, t)) }),
  draw: ({ a, b, t }, { op }) => {
    const axes = op.int64([1, 2, 3]);
    const length = op.Mul(op.ReduceL2(a, axes), op.ReduceL2(b, axes));
    const exact = op.Div(op.ReduceSum(op.Mul(a, b), axes), op.Where(op.Equal(length, 0), 1, length));
    const cosine = op.Clip(exact, -1, 1);
    const isStraight = op.Less(op.Sqrt(op.Sub(1, op.Mul(cosine, cosine))), STRAIGHT);
    // Where the way is straight the angle is not asked for: it would have no slope there.
    const safe = op.Where(isStraight, 0, cosine);
    const [angle, sine] = [op.Acos(safe), op.Sqrt(op.Sub(1, op.Mul(safe, safe)))];
    const weight = (part: string) => op.Where(isStraight, part, op.Div(op.Sin(op.Mul(part, angle)), sine));
    return { tensor: op.Add(op.Mul(weight(op.Sub(1, t)), a), op.Mul(weight(t), b)) };
  },
});
