import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boxMuller, cosOfTurns, exp, log } from "../../diffusion/elementary.ts";

const turns = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const manyRuns = { numRuns: 20_000 };

/** Doubles between a and b: their distance in units in the last place. */
function ulps(a: number, b: number): number {
  const order = (x: number) => {
    const bits = new BigInt64Array(Float64Array.of(x).buffer)[0];
    return bits < 0n ? -(bits & 0x7fffffffffffffffn) : bits;
  };
  return Math.abs(Number(order(a) - order(b)));
}

/** cos 2πu and sin 2πu, as Box and Muller's pair of radius 1. */
function pairOfTurns(u: number): [number, number] {
  const pair = new Float64Array(2);
  boxMuller(-0.5, u, pair, 0, 1);
  return [pair[0], pair[1]];
}

describe("log", () => {
  test("is within 2 ulp of Math.log", () => {
    const anywhere = fc.double({ min: 2 ** -1000, max: 2 ** 1000, noNaN: true });
    const near1 = fc.double({ min: 0.5, max: 2, noNaN: true });
    fc.assert(
      fc.property(fc.oneof(anywhere, near1), (x) => {
        expect(ulps(log(x), Math.log(x))).toBeLessThanOrEqual(2);
      }),
      manyRuns,
    );
    expect(log(1)).toBe(0);
  });
});

describe("exp", () => {
  test("is within 10⁻¹¹ of Math.exp", () => {
    fc.assert(
      fc.property(fc.double({ min: -700, max: 709, noNaN: true }), (x) => {
        expect(Math.abs(exp(x) / Math.exp(x) - 1)).toBeLessThan(1e-11);
      }),
      manyRuns,
    );
  });
  test("keeps what is not finite", () =>
    expect([exp(0), exp(-1000), exp(1000), exp(Number.NaN)]).toEqual([1, 0, Number.POSITIVE_INFINITY, Number.NaN]));
});

describe("cosine and sine of turns", () => {
  test("agree with Math.cos and Math.sin up to the rounding of 2πu", () => {
    fc.assert(
      fc.property(turns, (u) => {
        const [cos, sin] = pairOfTurns(u);
        expect(Math.abs(cos - Math.cos(2 * Math.PI * u))).toBeLessThan(1e-15);
        expect(Math.abs(sin - Math.sin(2 * Math.PI * u))).toBeLessThan(1e-15);
        expect(cosOfTurns(u)).toBe(cos);
      }),
      manyRuns,
    );
  });

  test("are exact at quarter turns", () => {
    expect([0, 0.25, 0.5, 0.75, 1].map((u) => Math.abs(cosOfTurns(u)))).toEqual([1, 0, 1, 0, 1]);
    expect([0, 0.5].map((u) => Math.sign(cosOfTurns(u)))).toEqual([1, -1]);
    expect([0.25, 0.75].map((u) => pairOfTurns(u)[1])).toEqual([1, -1]);
  });

  test("boxMuller scales them by √(−2 · logarithm)", () => {
    fc.assert(
      fc.property(turns, turns, (u0, u1) => {
        const pair = new Float64Array(2);
        boxMuller(log(1 - u0), u1, pair, 0, 1);
        const [cos, sin] = pairOfTurns(u1);
        const r = Math.sqrt(-2 * log(1 - u0));
        expect([...pair]).toEqual([r * cos, r * sin]);
      }),
    );
  });
});

// u; ln u, cos 2πu and sin 2πu of that double, rounded from 45 digits (Python's decimal, its own logarithm, Taylor series
// for the others).
const exact: [number, string, string, string][] = [
  [1e-9, "c034b927f32bffb8", "3ff0000000000000", "3e3afc6f70213be6"],
  [0.1, "c0026bb1bbb55515", "3fe9e3779b97f4a8", "3fe2cf2304755a5e"],
  [0.3, "bff34378fcbda721", "bfd3c6ef372fe94e", "3fee6f0e13445500"],
  [0.7, "bfd6d3c324e13f50", "bfd3c6ef372fe954", "bfee6f0e134454ff"],
  [0.9, "bfbaf8e8210a415c", "3fe9e3779b97f4a8", "bfe2cf2304755a5d"],
  [0.999999, "beb0c6f82d74d230", "3feffffffffd497d", "beda5a84d382f710"],
];

describe("digits from exact arithmetic", () => {
  const read = (bits: string) => new Float64Array(BigUint64Array.of(BigInt(`0x${bits}`)).buffer)[0];
  for (const [u, ...bits] of exact)
    test(`are met within 2 ulp at ${u}`, () => {
      const wanted = bits.map(read);
      [log(u), ...pairOfTurns(u)].forEach((value, i) => {
        expect(ulps(value, wanted[i])).toBeLessThanOrEqual(2);
      });
    });
});
