/**
 * Whether all values are finite. Of NaN and infinity all bits of the exponent are set, and one more carries into the sign. In whole
 * numbers, four at a time, this takes half the time of a sum of x − x, whose additions wait for each other.
 */
export function areFinite(data: Float32Array): boolean {
  const bits = bitsOf(data);
  const whole = bits.length - (bits.length % 4);
  let signs = 0;
  for (let i = 0; i < whole; i += 4)
    signs |= carried(bits[i]) | carried(bits[i + 1]) | carried(bits[i + 2]) | carried(bits[i + 3]);
  for (let i = whole; i < bits.length; i++) signs |= carried(bits[i]);
  return signs >= 0;
}

/** The same memory as whole numbers: sign, exponent, fraction. */
export const bitsOf = ({ buffer, byteOffset, length }: Float32Array): Int32Array =>
  new Int32Array(buffer, byteOffset, length);

const carried = (bits: number): number => (bits & 0x7fffffff) + 0x00800000;
