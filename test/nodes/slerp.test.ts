/** Slerp near where it has no one way: computed and drawn, the same has a way, and it is the same. */
import { expect, test } from "vitest";
import { slerp, type Tensor } from "../../diffusion/index.ts";
import { nodes } from "../../nodes/index.ts";
import { batch, dims, graphOf, randomTensor } from "../support/drawn.ts";
import { largestDifference } from "../support/tensors.ts";

const a = randomTensor(5);
const size = a.data.length / batch;

/** Each sample of a turned by so much, towards what is at right angles to it. */
function turned(angle: number): Tensor {
  const aside = randomTensor(6).data;
  const data = new Float32Array(a.data.length);
  for (let n = 0; n < batch; n++) {
    const [from, to] = [n * size, (n + 1) * size];
    const [one, other] = [a.data.subarray(from, to), aside.subarray(from, to)];
    const dot = (x: ArrayLike<number>, y: ArrayLike<number>) =>
      Array.from(x, (value, i) => value * y[i]).reduce(sum, 0);
    const right = Array.from(other, (value, i) => value - (dot(one, other) / dot(one, one)) * one[i]);
    const scale = Math.sqrt(dot(one, one) / dot(right, right));
    for (let i = 0; i < size; i++) data[from + i] = Math.cos(angle) * one[i] + Math.sin(angle) * scale * right[i];
  }
  return { dims, data };
}
const sum = (x: number, y: number): number => x + y;

const drawn = (b: Tensor, t: number): Promise<Tensor> =>
  graphOf(
    [
      {
        ...{ path: "1", definition: nodes["guidegraph/slerp"] },
        inputs: { a: { value: a }, b: { from: "variable" }, t: { value: t } },
      },
    ],
    ["1", "tensor"],
  )
    .run(b, [{ of: "1", output: "tensor" }])
    .then(([tensor]) => tensor as Tensor);

const near = [0, 5e-5, 9e-5, 1.1e-4, 1.5e-4, 2e-4, 2.5e-4, 1e-3, 0.1];

test.each([...near.flatMap((off) => [off, Math.PI - off]), 1.5].flatMap((angle) => [0, 0.3, 1].map((t) => [angle, t])))(
  "at an angle of %s, %s of the way",
  async (angle, t) => {
    const b = turned(angle);
    const isNone = Math.sin(angle) < 1e-4 && angle > 1 && t === 0.3;
    if (isNone) {
      expect(() => slerp(a, b, t)).toThrow("lies opposite");
      await expect(drawn(b, t)).rejects.toThrow("NaN");
      return;
    }
    const found = await drawn(b, t);
    const expected = slerp(a, b, t);
    // Near opposites the way is as uncertain as its plane, of which float32 has as many digits as the angle has.
    const isOpposite = angle > 3;
    expect(largestDifference(found, expected)).toBeLessThan(isOpposite ? 1e-5 + 3e-7 / Math.sin(angle) : 1e-5);
  },
);
