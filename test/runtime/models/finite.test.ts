import { expect, test } from "vitest";
import { GraphError } from "../../../nodes/index.ts";
import { checkFinite } from "../../../runtime/models/finite.ts";

test("finite values pass, however large or small", () => {
  checkFinite(Float32Array.of(0, -0, 3.4e38, -3.4e38, 1e-45), "it");
  checkFinite(new Float32Array(), "it");
});

test.each([
  [Float32Array.of(1, Number.NaN, 2), "Output of it holds 1 NaN of 3 values"],
  [Float32Array.of(Number.POSITIVE_INFINITY), "Output of it holds 1 infinite of 1 values"],
  [Float32Array.of(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN), "1 NaN and 2 infinite of 3"],
])("%s is refused with its counts", (data, message) => {
  expect(() => checkFinite(data, "it")).toThrow(GraphError);
  expect(() => checkFinite(data, "it")).toThrow(message);
});
