/** Against numpy and scipy: test/fixtures/evaluation/make.py. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  bootstrapInterval,
  frechetDistance,
  inceptionScoreOf,
  Moments,
  softmaxRows,
  spatialRows,
  withinManifolds,
} from "../../../diffusion/evaluation/index.ts";
import { readNpz } from "../../support/npz.ts";

const folder = new URL("../../fixtures/evaluation/", import.meta.url);
const expected = JSON.parse(readFileSync(new URL("expected.json", folder), "utf8")) as Record<string, number>;
const { real, samples, logits, spatial_real, spatial_samples } = readNpz(new URL("features.npz", folder).pathname);
const rows = (of: typeof real) => of.data as Float32Array;
const size = real.dims[1];

function momentsOf(of: Float32Array, batch = of.length / size) {
  const moments = new Moments(size);
  for (let at = 0; at < of.length; at += batch * size) moments.add(of.subarray(at, at + batch * size));
  return moments.result();
}
/** Within 1e-6, relatively. */
const same = (value: number, name: string) => expect(Math.abs(value / expected[name] - 1)).toBeLessThan(1e-6);

test("the Fréchet distance is scipy's, in whatever batches the rows came", () => {
  const of = momentsOf(rows(real));
  same(frechetDistance(of, momentsOf(rows(samples))), "frechet");
  same(frechetDistance(of, momentsOf(rows(samples), 7)), "frechet");
  expect(frechetDistance(of, of)).toBeLessThan(1e-9);
});

test("sFID takes the first channels at every place, wherever the channels are", () => {
  const momentsOfMap = (map: typeof real, axis: 1 | 3) => {
    const { rows, size } = spatialRows({ dims: map.dims, data: map.data as Float32Array }, axis);
    expect(size).toBe(3 * 3 * 7);
    const moments = new Moments(size);
    moments.add(rows);
    return moments.result();
  };
  same(frechetDistance(momentsOfMap(spatial_real, 3), momentsOfMap(spatial_samples, 3)), "spatial");
  same(frechetDistance(momentsOfMap(first(spatial_real), 1), momentsOfMap(first(spatial_samples), 1)), "spatial");
  expect(() => spatialRows({ dims: [2, 8], data: new Float32Array(16) }, 1)).toThrow(
    "2×8: a feature map has four axes",
  );
});

/** N×H×W×C with the channels first. */
function first({ dims: [n, h, w, c], data, ...rest }: typeof real): typeof real {
  const moved = Float32Array.from(data as Float32Array, (_, i) => {
    const [place, channel] = [i % (h * w), Math.floor(i / (h * w)) % c];
    return (data as Float32Array)[(Math.floor(i / (h * w * c)) * h * w + place) * c + channel];
  });
  return { ...rest, dims: [n, c, h, w], data: moved };
}

test("far from zero no digits are lost", () => {
  const far = (of: Float32Array) => Float64Array.from(of, (value) => value + 1e6);
  const momentsOfFar = (of: Float32Array) => {
    const moments = new Moments(size);
    moments.add(far(of));
    return moments.result();
  };
  same(frechetDistance(momentsOfFar(rows(real)), momentsOfFar(rows(samples))), "frechet");
});

test("fewer directions than rows, or none at all, are compared too", () => {
  const flat = new Moments(3);
  flat.add([1, 2, 3, 1, 2, 3]);
  const line = new Moments(3);
  line.add([1, 2, 3, 2, 2, 3, 3, 2, 3]);
  // A point and a line: |μ₁ − μ₂|² + σ².
  expect(frechetDistance(flat.result(), line.result())).toBeCloseTo(1 + 1, 12);
  expect(() => new Moments(3).result()).toThrow("2 pictures at least");
  expect(() => frechetDistance(flat.result(), momentsOf(rows(real)))).toThrow("3 and of 12");
});

test("the Inception Score's form is numpy's, over all rows and over parts", () => {
  const probabilities = softmaxRows(rows(logits), 6);
  same(inceptionScoreOf(probabilities, 6)(), "inception");
  same(inceptionScoreOf(probabilities, 6, 100)(), "inception_parts_of_100");
  const certain = Float64Array.from({ length: 36 }, (_, i) => Number(i % 7 === 0));
  expect(inceptionScoreOf(certain, 6)()).toBeCloseTo(6, 12);
});

test("a row that is drawn so often counts as so many rows, and one that is not drawn as none", () => {
  const probabilities = softmaxRows(rows(logits), 6);
  const count = probabilities.length / 6;
  const times = Array.from({ length: count }, (_, row) => (row * 7) % 4);
  const written = times.flatMap((many, row) =>
    Array.from({ length: many }, () => [...probabilities.subarray(6 * row, 6 * row + 6)]).flat(),
  );
  expect(inceptionScoreOf(probabilities, 6)(times)).toBeCloseTo(inceptionScoreOf(written, 6)(), 12);
  const onlyFirst = times.map((_, row) => (row < 100 ? 1 : 0));
  expect(inceptionScoreOf(probabilities, 6, 100)(onlyFirst)).toBeCloseTo(
    inceptionScoreOf(probabilities.subarray(0, 600), 6)(),
    12,
  );
});

test("precision and recall are scipy's", () => {
  const { precision, recall } = withinManifolds(rows(real), rows(samples), size);
  const share = (hits: Uint8Array) => hits.reduce((sum, one) => sum + one, 0) / hits.length;
  same(share(precision), "precision");
  same(share(recall), "recall");
  expect(() => withinManifolds(rows(real).subarray(0, 3 * size), rows(samples), size)).toThrow("more than 3");
});

test("an interval holds what it is of, narrows with the rows, and is the same every time", () => {
  const values = Array.from({ length: 400 }, (_, i) => (i * 7919) % 100);
  const mean = (times: ArrayLike<number>, of: readonly number[]) =>
    of.reduce((sum, value, i) => sum + value * times[i], 0) / of.length;
  const interval = (of: readonly number[]) =>
    bootstrapInterval(of.length, 200, mean(new Array(of.length).fill(1), of), (times) => mean(times, of));
  const [low, high] = interval(values);
  expect(low).toBeLessThan(49.5);
  expect(high).toBeGreaterThan(49.5);
  // 1.96 standard errors to both sides, and what a hundred draws leave open.
  expect(high - low).toBeGreaterThan(4);
  expect(high - low).toBeLessThan(7.5);
  const [less, more] = interval(values.slice(0, 100));
  expect(more - less).toBeGreaterThan(high - low);
  expect(interval(values)).toEqual([low, high]);
  // A statistic that drawing again makes larger is not told as larger.
  const [most, least] = bootstrapInterval(400, 200, 5, (times) => 7 + mean(times, values) - 49.5);
  expect([most < 5, least > 5]).toEqual([true, true]);
});
