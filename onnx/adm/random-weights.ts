/**
 * Weights of networks that nobody has trained, for what is to be tried or measured without a checkpoint: the same for the same
 * names and seed on every machine. test/fixtures/adm/make.py makes the same.
 */
import { type StateDict, toFloat32Bytes } from "../checkpoint/index.ts";

/** Of these shapes: matrices and kernels keep the variance of what passes through them, norms scale by about 1, nothing is zero. */
export const randomWeights = (shapes: ReadonlyMap<string, readonly number[]>, seed = 1): StateDict =>
  new Map(
    [...shapes].map(([name, dims]) => {
      const readFloat32 = async () => randomWeight(name, dims, seed);
      return [name, { type: "float32", dims, readFloat32, read: async () => toFloat32Bytes(await readFloat32()) }];
    }),
  );

export function randomWeight(name: string, dims: readonly number[], seed: number): Float32Array {
  const fanIn = dims.slice(1).reduce((product, dim) => product * dim, 1);
  const isNorm = dims.length === 1 && name.endsWith("weight");
  return randomValues(name, dims, seed, dims.length > 1 ? Math.sqrt(3 / fanIn) : 0.1, isNorm ? 1 : 0);
}

/** `spread` · (−1 … 1) + `middle`: a hash of name, seed and index, so that any language can make them in any order. */
export function randomValues(
  name: string,
  dims: readonly number[],
  seed: number,
  spread = 1,
  middle = 0,
): Float32Array {
  // FNV-1a of the name.
  let start = 0x811c9dc5 ^ seed;
  for (const char of name) start = Math.imul(start ^ char.charCodeAt(0), 0x01000193);
  const values = new Float32Array(dims.reduce((product, dim) => product * dim, 1));
  for (let i = 0; i < values.length; i++) {
    // The finaliser of MurmurHash3 (Appleby 2011).
    let word = start + i;
    word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    values[i] = ((word ^ (word >>> 16)) / 2 ** 31) * spread + middle;
  }
  return values;
}
