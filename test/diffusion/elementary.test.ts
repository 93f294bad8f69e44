import fc from "fast-check";
import { expect, test } from "vitest";
import { boxMuller, cosOfTurns, log, sinOfTurns } from "../../diffusion/elementary.ts";

const ULP = 2 ** -52;
const positive = fc.double({ min: 2 ** -1000, max: 2 ** 1000, noNaN: true });
const turns = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test("log is within 2 ulp of Math.log", () => {
  const near1 = fc.double({ min: 0.5, max: 2, noNaN: true });
  fc.assert(
    fc.property(fc.oneof(positive, near1), (x) => {
      expect(Math.abs(log(x) - Math.log(x))).toBeLessThanOrEqual(2 * ULP * Math.abs(Math.log(x)));
    }),
    { numRuns: 20_000 },
  );
  expect(log(1)).toBe(0);
});

test("sine and cosine of turns are within 2 ulp of one of Math.sin and Math.cos", () => {
  fc.assert(
    fc.property(turns, (u) => {
      // Math.cos(2πu) has the rounding of 2πu in it: up to 2π/2 ulp
      expect(Math.abs(cosOfTurns(u) - Math.cos(2 * Math.PI * u))).toBeLessThanOrEqual(5 * ULP);
      expect(Math.abs(sinOfTurns(u) - Math.sin(2 * Math.PI * u))).toBeLessThanOrEqual(5 * ULP);
    }),
    { numRuns: 20_000 },
  );
});

test("sine and cosine are exact at quarter turns", () => {
  expect([0, 0.25, 0.5, 0.75, 1].map(cosOfTurns)).toEqual([1, -0, -1, 0, 1]);
  expect([0.25, 0.5, 0.75].map(sinOfTurns)).toEqual([1, -0, -1]);
});

test("sine and cosine lie on the circle", () => {
  fc.assert(
    fc.property(turns, (u) => {
      expect(Math.abs(cosOfTurns(u) ** 2 + sinOfTurns(u) ** 2 - 1)).toBeLessThanOrEqual(4 * ULP);
    }),
    { numRuns: 20_000 },
  );
});

test("boxMuller writes r cos 2πu and r sin 2πu", () => {
  fc.assert(
    fc.property(turns, turns, (u0, u1) => {
      const pair = new Float64Array(2);
      boxMuller(log(1 - u0), u1, pair, 0, 1);
      const r = Math.sqrt(-2 * log(1 - u0));
      expect(pair[0]).toBeCloseTo(r * cosOfTurns(u1), 14);
      expect(pair[1]).toBeCloseTo(r * sinOfTurns(u1), 14);
    }),
  );
});

test("the bits are the ones that every engine must give", () => {
  const bits = (x: number) => Buffer.from(Float64Array.of(x).buffer).readBigUInt64LE().toString(16);
  const inputs = [1e-9, 0.1, 0.3, 0.7, 0.9, 0.999999];
  expect(inputs.map((u) => [log(u), cosOfTurns(u), sinOfTurns(u)].map(bits))).toMatchInlineSnapshot(`
    [
      [
        "c034b927f32bffb8",
        "3ff0000000000000",
        "3e3afc6f6fe43a20",
      ],
      [
        "c0026bb1bbb55515",
        "3fe9e3779b97f4a8",
        "3fe2cf2304755a5e",
      ],
      [
        "bff34378fcbda721",
        "bfd3c6ef372fe94e",
        "3fee6f0e13445500",
      ],
      [
        "bfd6d3c324e13f50",
        "bfd3c6ef372fe954",
        "bfee6f0e134454ff",
      ],
      [
        "bfbaf8e8210a415c",
        "3fe9e3779b97f4a8",
        "bfe2cf2304755a5d",
      ],
      [
        "beb0c6f82d74d230",
        "3feffffffffd497d",
        "beda5a84d382f70f",
      ],
    ]
  `);
});
