/** Pictures padded, smoothed and mixed, and noises between noises. */
import { expect, test } from "vitest";
import {
  channelMatrices,
  lowPass,
  mixChannels,
  norms,
  padding,
  philoxNoise,
  readChannelMatrix,
  separable,
  slerp,
} from "../../diffusion/index.ts";
import { largestDifference } from "../support/tensors.ts";
import { samples } from "../support/wired-values.ts";

const row = { dims: [1, 1, 1, 3], data: Float32Array.of(1, 2, 3) };
const one = padding(1, 0, 0, "zeros");

test.each([
  ["zeros", [0, 0, 1, 2, 3, 0]],
  ["edge", [1, 1, 1, 2, 3, 3]],
  ["mirror", [3, 2, 1, 2, 3, 2]],
] as const)("padding puts %s around", (border, expected) => {
  expect([...separable(row, one, padding(3, 2, 1, border)).data]).toEqual(expected);
});

test("a mirror image is no longer than the picture", () => {
  expect(() => padding(3, 3, 0, "mirror")).toThrow("at most 2");
});

test("lowPass keeps what is coarse, does nothing by 1, and is done once", () => {
  const x = philoxNoise({ seed: 3, dims: [1, 1, 16, 16] }).draw(0);
  const smooth = separable(x, lowPass(16, 4, "cubic"), lowPass(16, 4, "cubic"));
  const flat = { dims: x.dims, data: x.data.map(() => 0.7) };
  expect(norms(smooth)[0]).toBeLessThan(0.5 * norms(x)[0]);
  expect(largestDifference(separable(flat, lowPass(16, 4, "cubic"), lowPass(16, 4, "linear")), flat)).toBeLessThan(
    1e-6,
  );
  expect(largestDifference(separable(x, lowPass(16, 1, "cubic"), lowPass(16, 1, "linear")), x)).toBeLessThan(1e-6);
});

test("colours go to YCbCr and come back", () => {
  const x = philoxNoise({ seed: 3, dims: [2, 3, 4, 4] }).draw(0);
  const there = mixChannels(x, channelMatrices["RGB to YCbCr"]);
  expect(largestDifference(mixChannels(there, channelMatrices["YCbCr to RGB"]), x)).toBeLessThan(1e-5);
  expect(largestDifference(mixChannels(there, [[1, 0, 0]]), mixChannels(x, channelMatrices.grey))).toBeLessThan(1e-6);
});

test.each([
  ["1 0; 1", "row 2 has 1 numbers and the first 2"],
  ["1 a", '"a" is no number'],
  ["", "row 1 has 0 numbers"],
  [`${"1;".repeat(70)}1`, "more than 64 rows"],
])("the matrix %s is refused", (text, why) => {
  expect(() => readChannelMatrix(text)).toThrow(why);
});

test("slerp begins and ends at its ends, and keeps the length between", () => {
  const noise = philoxNoise({ seed: 3, dims: [2, 3, 8, 8] });
  const [a, b] = [noise.draw(0), noise.draw(1)];
  expect(largestDifference(slerp(a, b, 0), a)).toBeLessThan(1e-6);
  expect(
    largestDifference(slerp(a, b, samples([1], [0])), {
      dims: a.dims,
      data: Float32Array.of(...b.data.slice(0, 192), ...a.data.slice(192)),
    }),
  ).toBeLessThan(1e-6);
  const [middle, ends] = [norms(slerp(a, b, 0.5)), norms(a)];
  for (const [n, length] of middle.entries()) expect(length / ends[n]).toBeCloseTo(1, 1);
  expect(largestDifference(slerp(a, a, 0.3), a)).toBeLessThan(1e-6);
});

test("slerp between opposites has its ends, and nothing between", () => {
  const [a, b] = [row, { dims: row.dims, data: row.data.map((value) => -value) }];
  expect(slerp(a, b, 0).data).toEqual(a.data);
  expect(slerp(a, b, 1).data).toEqual(b.data);
  expect(() => slerp(a, b, 0.5)).toThrow("Sample 0 lies opposite to the other");
});
