/** The golden README's tolerance for decoded bytes. */
import { expect } from "vitest";

/**
 * Within 1 on ≥ 99.9 %, at most 2, and equal on ≥ 99 % of the values whose expected byte is 1 … 253: decoding truncates,
 * so rounding would make half of them differ.
 */
export function expectSameBytes(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  let [within, largest, inner, equal] = [0, 0, 0, 0];
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i] - expected[i]);
    largest = Math.max(largest, difference);
    if (difference <= 1) within++;
    if (expected[i] < 1 || expected[i] > 253) continue;
    inner++;
    if (difference === 0) equal++;
  }
  expect(largest).toBeLessThanOrEqual(2);
  expect(within / expected.length).toBeGreaterThanOrEqual(0.999);
  expect(equal / inner).toBeGreaterThanOrEqual(0.99);
}
