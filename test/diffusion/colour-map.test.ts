import { describe, expect, test } from "vitest";
import { type ColourMap, coloured, colourMaps, colourTable, difference, overChannels } from "../../diffusion/index.ts";

/** CIE L* of a colour, from its bytes. */
function lightness(rgb: readonly number[]): number {
  const [r, g, b] = rgb.map((byte) => {
    const v = byte / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  });
  const y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y;
}
const colours = (map: ColourMap) =>
  Array.from({ length: 256 }, (_, i) => [...colourTable(map).slice(3 * i, 3 * i + 3)]);

test.each(["sequential", "grey"] as const)("%s grows lighter from end to end, evenly", (map) => {
  const light = colours(map).map(lightness);
  for (let i = 16; i < 256; i += 16) {
    const step = light[i] - light[i - 16];
    expect(step).toBeGreaterThan(0);
    expect(step).toBeLessThan(map === "grey" ? 14 : 9);
  }
});

test("diverging is white in the middle and as dark at both ends", () => {
  const all = colours("diverging");
  expect(lightness(all[128])).toBeGreaterThan(93);
  expect(Math.abs(lightness(all[0]) - lightness(all[255]))).toBeLessThan(6);
  expect(all[0][2]).toBeGreaterThan(all[0][0]); // blue
  expect(all[255][0]).toBeGreaterThan(all[255][2]); // red
});

const tensor = (n: number, ...values: number[]) => ({
  dims: [n, 1, 1, values.length / n],
  data: Float32Array.from(values),
});
const at = (map: ColourMap, i: number) => [...colourTable(map).slice(3 * i, 3 * i + 3)];

test("each sample has its own range, which is told", () => {
  const { pictures, low, high } = coloured(tensor(2, 0, 1, 10, 30), "sequential");
  expect(pictures.dims).toEqual([2, 1, 2, 3]);
  expect([...pictures.data]).toEqual([0, 255, 0, 255].flatMap((i) => at("sequential", i)));
  expect([low.dims, [...low.data], [...high.data]]).toEqual([
    [2, 1, 1, 1],
    [0, 10],
    [1, 30],
  ]);
});

test("a range holds for all, and what lies beyond has the colour of its end", () => {
  const { pictures, high } = coloured(tensor(1, -5, 0, 2, 9), "grey", [0, 4]);
  expect([...pictures.data]).toEqual([0, 0, 128, 255].flatMap((i) => at("grey", i)));
  expect([...high.data]).toEqual([4]);
});

test("diverging goes as far below 0 as above, so that 0 is white", () => {
  const { low, high } = coloured(tensor(1, -1, 4), "diverging");
  expect([low.data[0], high.data[0]]).toEqual([-4, 4]);
  expect([...coloured(tensor(1, 0, 0), "diverging").pictures.data].every((byte) => byte > 230)).toBe(true);
});

test.each(colourMaps)("%s shows a sample of one value, and refuses what is no number", (map) => {
  expect(coloured(tensor(1, 3, 3), map).pictures.data.length).toBe(6);
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY])
    expect(() => coloured(tensor(1, 0, bad), map)).toThrow("every value must be finite");
  expect(() => coloured({ dims: [1, 2, 1, 1], data: new Float32Array(2) }, map)).toThrow("Cannot colour 2 channels");
});

describe("difference", () => {
  const [a, b] = [
    { dims: [1, 2, 1, 2], data: Float32Array.of(1, 2, 3, 4) },
    { dims: [1, 2, 1, 2], data: Float32Array.of(2, 0, 3, 8) },
  ];

  test("is signed or not, a channel each or one number a pixel", () => {
    expect([...difference(a, b, true).data]).toEqual([-1, 2, 0, -4]);
    expect([...difference(a, b, false).data]).toEqual([1, 2, 0, 4]);
    expect(overChannels(difference(a, b, false), "sum")).toEqual({ dims: [1, 1, 1, 2], data: Float32Array.of(1, 6) });
    expect([...overChannels(difference(a, b, true), "mean").data]).toEqual([-0.5, -1]);
  });

  test("of tensors of other shapes is refused", () => {
    expect(() => difference(a, { dims: [1, 1, 1, 4], data: b.data }, true)).toThrow(RangeError);
  });
});
