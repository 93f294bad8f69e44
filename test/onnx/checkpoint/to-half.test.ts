import fc from "fast-check";
import { expect, test } from "vitest";
import { toFloat32 } from "../../../onnx/checkpoint/to-float32.ts";
import { toHalfBytes } from "../../../onnx/index.ts";

const roundTrip = (value: number): number => toFloat32(toHalfBytes(Float32Array.of(value)), "float16")[0];

test("every half survives the way to float32 and back", () => {
  const halves = Uint16Array.from({ length: 65_536 }, (_, i) => i);
  const back = new Uint16Array(toHalfBytes(toFloat32(new Uint8Array(halves.buffer), "float16")).buffer);
  for (const [i, half] of halves.entries()) {
    const nan = (half & 0x7fff) > 0x7c00;
    expect(nan ? back[i] & 0x7fff : back[i]).toBe(nan ? 0x7e00 : half);
  }
});

test("toHalfBytes rounds to the nearest half, ties to even", () => {
  fc.assert(
    fc.property(fc.float({ min: -65_519, max: 65_519, noNaN: true }), (value) => {
      const rounded = roundTrip(value);
      // The spacing of halves around the value: 2⁻²⁴ below 2⁻¹⁴.
      const spacing = 2 ** Math.max(Math.floor(Math.log2(Math.abs(value) || 1e-30)) - 10, -24);
      expect(Math.abs(rounded - value)).toBeLessThanOrEqual(spacing / 2);
    }),
  );
  expect(roundTrip(2049)).toBe(2048);
  expect(roundTrip(2051)).toBe(2052);
  expect(roundTrip(3 * 2 ** -25)).toBe(2 ** -23);
  expect(roundTrip(2 ** -25)).toBe(0);
});

test("toHalfBytes gives infinity beyond the range, and keeps NaN and signs", () => {
  expect([65_519, 65_520, -1e30, Number.POSITIVE_INFINITY].map(roundTrip)).toEqual([
    65_504,
    Infinity,
    -Infinity,
    Infinity,
  ]);
  expect(roundTrip(Number.NaN)).toBeNaN();
  expect(Object.is(roundTrip(-0), -0)).toBe(true);
});
