import { expect, test } from "vitest";
import { bytes } from "../../../client/runs/bytes.ts";

test("bytes are weighed in units of a thousand", () => {
  const weights = { 0: "0 bytes", 999: "999 bytes", 1000: "1.0 kB", 12345: "12 kB", 3400000: "3.4 MB", 2e13: "20 TB" };
  for (const [count, words] of Object.entries(weights)) expect(bytes(Number(count))).toBe(words);
});
