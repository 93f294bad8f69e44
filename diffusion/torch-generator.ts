/**
 * The draws of `torch.manual_seed(seed)` on the CPU, within 4e-6: PyTorch's own vector paths differ by 2e-6, so that
 * equal bits do not exist. ATen, native/cpu/DistributionTemplates.h (`normal_fill`, `random_from_to_kernel`) and
 * core/DistributionsHelper.h (`normal_distribution<double>`). A CUDA run of PyTorch draws other numbers.
 */
import { boxMuller, log } from "./elementary.ts";
import { type MersenneTwister, mersenneTwister } from "./mersenne-twister.ts";
import { seedWords } from "./seed.ts";

const BLOCK = 16; // draws of fewer values take the scalar path

export interface TorchGenerator {
  /** `torch.randint(0, below, (count,))`; below ≤ 2³². */
  randint(below: number, count: number): number[];
  /** `torch.randn(count)`. */
  randn(count: number): Float32Array;
  /** Leaves out one `randint` of that many values. */
  skipRandint(count: number): void;
  /** Leaves out one `randn` of that many values. */
  skipRandn(count: number): void;
  /** Another one that stands where this one does. */
  copy(): TorchGenerator;
}

/** Seeded with the low 32 bits, as PyTorch does. Throws a RangeError unless 0 ≤ seed < 2⁵³. */
export const torchGenerator = (seed: number): TorchGenerator => generatorAt(mersenneTwister(seedWords(seed).low));

/** `kept`: the second value of a pair, for the next small draw. */
function generatorAt(twister: MersenneTwister, kept?: number): TorchGenerator {
  /** 24 random bits, [0, 1). */
  const uniform = () => (twister.next() & 0xffffff) / 2 ** 24;
  /** 53 random bits, [0, 1). */
  function uniform53(): number {
    const upper = twister.next() & 0x1fffff; // (w₁·2³² + w₂) mod 2⁵³
    return (upper * 2 ** 32 + twister.next()) / 2 ** 53;
  }

  /** Values i and i + 8 of a block of 16 uniforms become a pair. */
  function transform(out: Float32Array, start: number): void {
    for (let j = start; j < start + BLOCK / 2; j++) boxMuller(log(1 - out[j]), out[j + 8], out, j, j + 8);
  }

  function large(count: number): Float32Array {
    const out = new Float32Array(count);
    for (let i = 0; i < count; i++) out[i] = uniform();
    for (let i = 0; i + BLOCK <= count; i += BLOCK) transform(out, i);
    if (count % BLOCK === 0) return out;
    const tail = count - BLOCK; // the last 16 anew, over some that are done
    for (let i = tail; i < count; i++) out[i] = uniform();
    transform(out, tail);
    return out;
  }

  function small(count: number): Float32Array {
    const out = new Float32Array(count);
    const pair = new Float64Array(2);
    for (let i = 0; i < count; i++) {
      if (kept !== undefined) {
        out[i] = kept;
        kept = undefined;
        continue;
      }
      const turns = uniform53();
      boxMuller(log(1 - uniform53()), turns, pair, 0, 1);
      out[i] = pair[0];
      kept = pair[1];
    }
    return out;
  }

  return {
    randint: (below, count) => Array.from({ length: count }, () => twister.next() % below),
    randn: (count) => (count >= BLOCK ? large(count) : small(count)),
    skipRandint: (count) => twister.skip(count),
    skipRandn: (count) => {
      if (count >= BLOCK) twister.skip(count % BLOCK === 0 ? count : count + BLOCK);
      else small(count);
    },
    copy: () => generatorAt(twister.copy(), kept),
  };
}
