import { expect, test } from "vitest";
import { crc32 } from "../../../onnx/zip/crc32.ts";

const text = (string: string) => new TextEncoder().encode(string);

test("crc32 gives the known answers", () => {
  expect(crc32(text(""))).toBe(0);
  expect(crc32(text("123456789"))).toBe(0xcbf43926);
  expect(crc32(text("The quick brown fox jumps over the lazy dog"))).toBe(0x414fa339);
});

test("crc32 goes on from where it stopped", () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * i) & 255);
  for (const cut of [0, 1, 7, 8, 9, 500, 999, 1000])
    expect(crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut)))).toBe(crc32(bytes));
});
