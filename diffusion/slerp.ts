/** Between two points along the sphere, where the noise of all normal pictures lies. */
import { type Numbers, numbersOf } from "./numbers.ts";
import { sizeOf, type Tensor } from "./tensor.ts";

/** Where the sine of the angle is less than this, the arc is a straight line, as far as float32 can tell. */
export const STRAIGHT = 1e-4;

/**
 * Spherical interpolation, sample by sample: Shoemake 1985; between noises as in DDIM, Song et al. 2020 (arXiv:2010.02502),
 * appendix D.5.
 *
 *   x = sin((1 − t)θ)/sin θ · a + sin(tθ)/sin θ · b,  cos θ = a·b / (‖a‖ ‖b‖)
 *
 * Where the angle is nothing, or one of them is 0 and has no direction, the way is straight. Throws a RangeError when shapes
 * differ, and for what lies between opposites, where no way is the shortest.
 */
export function slerp(a: Tensor, b: Tensor, t: Numbers): Tensor {
  if (a.dims.join() !== b.dims.join())
    throw new RangeError(`Cannot go from a tensor of shape ${a.dims.join("×")} to one of ${b.dims.join("×")}`);
  const size = sizeOf(a.dims.slice(1));
  const at = numbersOf(t, a.dims[0]);
  const data = new Float32Array(a.data.length);
  for (let n = 0; n < a.dims[0]; n++) {
    let [dot, squareA, squareB] = [0, 0, 0];
    for (let i = n * size; i < (n + 1) * size; i++) {
      dot += a.data[i] * b.data[i];
      squareA += a.data[i] ** 2;
      squareB += b.data[i] ** 2;
    }
    const cosine = Math.min(1, Math.max(-1, dot / (Math.sqrt(squareA * squareB) || 1)));
    const [angle, sine] = [Math.acos(cosine), Math.sqrt(1 - cosine ** 2)];
    const part = at(n);
    const isStraight = sine < STRAIGHT;
    if (isStraight && cosine < 0 && part !== 0 && part !== 1)
      throw new RangeError(
        `Sample ${n} lies opposite to the other: no way along the sphere is the shortest, take another`,
      );
    const [wa, wb] = isStraight
      ? [1 - part, part]
      : [Math.sin((1 - part) * angle) / sine, Math.sin(part * angle) / sine];
    for (let i = n * size; i < (n + 1) * size; i++) data[i] = wa * a.data[i] + wb * b.data[i];
  }
  return { dims: a.dims, data };
}
