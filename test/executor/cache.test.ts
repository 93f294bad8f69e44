import { expect, test } from "vitest";
import { bytesOf } from "../../executor/index.ts";

const value = (floats: number) => ({ x: { dims: [floats], data: new Float32Array(floats) } });

test("bytesOf counts the arrays in a value, and little for the rest", () => {
  expect(bytesOf(value(1_000))).toBeGreaterThanOrEqual(4_000);
  expect(bytesOf(value(1_000))).toBeLessThan(5_000);
  expect(bytesOf({ model: { key: "k", predict: () => {} } })).toBeLessThan(2_000);
});

test("bytesOf ends at values that refer to each other", () => {
  const step: { earlier?: unknown; later?: unknown } = {};
  step.earlier = { later: step };
  expect(bytesOf({ step })).toBeLessThan(10_000);
});
