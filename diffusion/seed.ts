/** A seed's two 32-bit words. Throws a RangeError unless it is a whole number from 0 to 2⁵³ − 1. */
export function seedWords(seed: number): { readonly low: number; readonly high: number } {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new RangeError(`Cannot seed noise with ${seed}: give a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`);
  return { low: seed % 2 ** 32, high: Math.floor(seed / 2 ** 32) };
}
