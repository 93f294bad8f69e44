import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  asSeen,
  boxMask,
  centreCut,
  decode,
  encode,
  encodeMask,
  grid,
  isDrawable,
  type Pictures,
  takeRound,
} from "../../diffusion/index.ts";

const pictures = (dims: readonly number[]) =>
  fc
    .uint8Array({ minLength: dims.reduce((a, b) => a * b), maxLength: dims.reduce((a, b) => a * b) })
    .map((data): Pictures => ({ dims, data: Uint8Array.from(data) }));

describe("decode", () => {
  test("truncates, clamps and puts channels last", () => {
    const x = { dims: [1, 2, 1, 2], data: Float32Array.of(-1, 0, 2, -3) };
    expect(decode(x)).toEqual({ dims: [1, 1, 2, 2], data: Uint8Array.of(0, 255, 127, 0) });
  });
  test("refuses what is not finite, with the count", () => {
    const x = { dims: [1, 1, 1, 3], data: Float32Array.of(Number.NaN, Number.NEGATIVE_INFINITY, 0) };
    expect(() => decode(x)).toThrow("Cannot decode x: 2 of its 3 values are NaN or infinite");
  });
  test("gives back what encode took, or one less where float32 fell short", () => {
    fc.assert(
      fc.property(pictures([2, 3, 2, 3]), (image) => {
        const again = decode(encode(image));
        expect(again.dims).toEqual(image.dims);
        for (const [i, byte] of image.data.entries()) expect(byte - again.data[i]).toBeOneOf([0, 1]);
      }),
    );
  });
});

test("encodeMask gives every channel the mask's own value, or its mean", () => {
  const mask = { dims: [1, 1, 1, 2], data: Uint8Array.of(255, 0) };
  expect(encodeMask(mask, 3)).toEqual({ dims: [1, 3, 1, 1], data: Float32Array.of(0.5, 0.5, 0.5) });
  expect(encodeMask(mask, 2).data).toEqual(Float32Array.of(1, 0));
});

test("takeRound reads round and round", () => {
  const image = { dims: [3, 1, 1, 1], data: Uint8Array.of(7, 8, 9) };
  expect([...takeRound(image, 2, 5).data]).toEqual([9, 7, 8, 9, 7]);
});

describe("centreCut", () => {
  test("keeps a picture that has the size already", () => {
    fc.assert(
      fc.property(pictures([2, 4, 4, 3]), (image) => {
        expect(centreCut(image, 4, 4)).toEqual(image);
      }),
    );
  });
  test("cuts the middle out", () => {
    const image = { dims: [1, 1, 5, 1], data: Uint8Array.of(1, 2, 3, 4, 5) };
    expect(centreCut(image, 1, 1)).toEqual({ dims: [1, 1, 1, 1], data: Uint8Array.of(3) });
  });
  test("keeps an even colour at any size", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.nat(255), (from, to, byte) => {
        const image = { dims: [1, from, from, 1], data: new Uint8Array(from * from).fill(byte) };
        expect(centreCut(image, to, to).data).toEqual(new Uint8Array(to * to).fill(byte));
      }),
    );
  });
});

test("grid lays pictures out in rows on white", () => {
  const image = { dims: [3, 1, 1, 1], data: Uint8Array.of(1, 2, 3) };
  expect(grid(image, 2, 1)).toEqual({ dims: [1, 3, 3, 1], data: Uint8Array.of(1, 255, 2, 255, 255, 255, 3, 255, 255) });
  expect(grid({ dims: [9, 2, 2, 3], data: new Uint8Array(108) }).dims).toEqual([1, 10, 10, 3]);
});

test("boxMask is white inside the box alone", () => {
  const { data } = boxMask(4, 4, { left: 0.25, top: 0, right: 0.75, bottom: 0.5 });
  expect([...data]).toEqual([0, 255, 255, 0, 0, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  expect(boxMask(3, 3, { left: 0.9, top: 0, right: 0.1, bottom: 1 }).data).toEqual(new Uint8Array(9));
});

test("what cannot be drawn is seen as the mean of its channels, and opacity is passed over", () => {
  const pixel = (...data: number[]) => ({ dims: [1, 1, 1, data.length], data: Uint8Array.from(data) });
  const seen = (...data: number[]) => [...asSeen(pixel(...data)).data];
  expect([seen(7), seen(10, 21), seen(1, 2, 3), seen(1, 2, 3, 0), seen(0, 0, 0, 0, 0, 60)]).toEqual([
    [7],
    [16],
    [1, 2, 3],
    [1, 2, 3],
    [10],
  ]);
  expect([1, 2, 3, 4, 5, 6, 8].filter(isDrawable)).toEqual([1, 3, 4]);
  const two = { dims: [2, 1, 2, 2], data: Uint8Array.of(0, 2, 4, 6, 8, 10, 12, 14) };
  expect(asSeen(two)).toEqual({ dims: [2, 1, 2, 1], data: Uint8Array.of(1, 5, 9, 13) });
});

describe("pictures that are not square", () => {
  test("are cut in the middle to the proportions that are asked for, never squashed", () => {
    const wide = { dims: [1, 2, 6, 1], data: Uint8Array.of(1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6) };
    expect(centreCut(wide, 2, 6)).toEqual(wide);
    expect([...centreCut(wide, 2, 2).data]).toEqual([3, 4, 3, 4]);
    expect([...centreCut(wide, 1, 3).data].length).toBe(3);
    expect([...centreCut(wide, 2, 4).data]).toEqual([2, 3, 4, 5, 2, 3, 4, 5]);
    const tall = { dims: [1, 6, 2, 1], data: Uint8Array.from({ length: 12 }, (_, i) => i >> 1) };
    expect([...centreCut(tall, 2, 2).data]).toEqual([2, 2, 3, 3]);
  });
  test("lie in a grid as they are", () => {
    const two = { dims: [2, 1, 3, 1], data: Uint8Array.of(1, 1, 1, 2, 2, 2) };
    expect(grid(two, 2, 1)).toEqual({ dims: [1, 1, 7, 1], data: Uint8Array.of(1, 1, 1, 255, 2, 2, 2) });
    expect(grid(two, 1, 1).dims).toEqual([1, 3, 3, 1]);
  });
  test("have masks of their own sides", () => {
    expect([...boxMask(1, 4, { left: 0.5, top: 0, right: 1, bottom: 1 }).data]).toEqual([0, 0, 255, 255]);
  });
});
