/**
 * Logarithm, sine and cosine from + − × ÷ alone, so that every JavaScript engine gives the same bits (the language
 * leaves Math.log, Math.sin and Math.cos to the engine). The error is below 2 units in the last place of a double.
 */

const LN2_HIGH = 2977044471 / 2 ** 32; // 32 bits of ln 2: times any exponent it is exact
const LN2_LOW = 1.9082149292705877e-10; // the rest
const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
const HIGH = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0; // which word holds the exponent

/**
 * Natural logarithm of a positive normal double.
 *
 * x = 2ᵉ(1 + f), 1 + f in [√½, √2);  s = f / (2 + f);  ln(1 + f) = 2 artanh s = f − s·(f − 2s²/3 − 2s⁴/5 − …)
 */
export function log(x: number): number {
  double[0] = x;
  let exponent = (words[HIGH] >>> 20) - 1023;
  words[HIGH] = (words[HIGH] & 0xfffff) | 0x3ff00000;
  let mantissa = double[0];
  if (mantissa >= Math.SQRT2) {
    mantissa /= 2;
    exponent += 1;
  }
  const f = mantissa - 1;
  const s = f / (2 + f);
  const z = s * s; // at most 0.0295: eleven terms reach the last bit
  let series = 2 / 23;
  series = series * z + 2 / 21;
  series = series * z + 2 / 19;
  series = series * z + 2 / 17;
  series = series * z + 2 / 15;
  series = series * z + 2 / 13;
  series = series * z + 2 / 11;
  series = series * z + 2 / 9;
  series = series * z + 2 / 7;
  series = series * z + 2 / 5;
  series = series * z + 2 / 3;
  return exponent * LN2_HIGH + (f - (s * (f - series * z) - exponent * LN2_LOW));
}

/** eˣ to 10⁻¹¹, for results that become float32; 0 below −700, infinite above 709. */
export function exp(x: number): number {
  if (!(x >= -700 && x <= 709)) return Number.isNaN(x) ? x : x > 0 ? Number.POSITIVE_INFINITY : 0;
  const exponent = Math.floor(x / Math.LN2 + 0.5);
  const r = x - exponent * LN2_HIGH - exponent * LN2_LOW; // at most ½ ln 2
  let series = 1 / 362880;
  series = series * r + 1 / 40320;
  series = series * r + 1 / 5040;
  series = series * r + 1 / 720;
  series = series * r + 1 / 120;
  series = series * r + 1 / 24;
  series = series * r + 1 / 6;
  series = series * r + 1 / 2;
  series = series * r + 1;
  words[HIGH] = (exponent + 1023) << 20;
  words[1 - HIGH] = 0;
  return (series * r + 1) * double[0];
}

/** sin a for |a| ≤ π/4: the Taylor series to a¹⁷. */
function sinNear0(a: number): number {
  const z = a * a;
  let series = 1 / 355687428096000; // 1 / 17!
  series = series * z - 1 / 1307674368000;
  series = series * z + 1 / 6227020800;
  series = series * z - 1 / 39916800;
  series = series * z + 1 / 362880;
  series = series * z - 1 / 5040;
  series = series * z + 1 / 120;
  series = series * z - 1 / 6;
  return a + a * z * series;
}

/** cos a for |a| ≤ π/4: the Taylor series to a¹⁸. */
function cosNear0(a: number): number {
  const z = a * a;
  let series = -1 / 6402373705728000; // −1 / 18!
  series = series * z + 1 / 20922789888000;
  series = series * z - 1 / 87178291200;
  series = series * z + 1 / 479001600;
  series = series * z - 1 / 3628800;
  series = series * z + 1 / 40320;
  series = series * z - 1 / 720;
  series = series * z + 1 / 24;
  return 1 - (z / 2 - z * z * series);
}

/** cos 2πu. Turns are reduced exactly, radians would not be. */
export function cosOfTurns(u: number): number {
  const quarter = Math.floor(4 * u + 0.5);
  const a = 2 * Math.PI * (u - quarter / 4);
  if (quarter & 1) return quarter & 2 ? sinNear0(a) : -sinNear0(a);
  return quarter & 2 ? -cosNear0(a) : cosNear0(a);
}

/**
 * Box and Muller's pair of normal values: out[i] = r cos 2πu, out[j] = r sin 2πu, r = √(−2 · logarithm), each rounded
 * once to float32.
 */
export function boxMuller(logarithm: number, u: number, out: Float32Array | Float64Array, i: number, j: number): void {
  const r = Math.sqrt(-2 * logarithm);
  const quarter = Math.floor(4 * u + 0.5);
  const a = 2 * Math.PI * (u - quarter / 4);
  const odd = (quarter & 1) === 1;
  const sin = sinNear0(a);
  const cos = cosNear0(a);
  const x = odd ? -sin : cos;
  const y = odd ? cos : sin;
  const sign = quarter & 2 ? -r : r;
  out[i] = sign * x;
  out[j] = sign * y;
}
