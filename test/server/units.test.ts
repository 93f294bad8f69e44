import fc from "fast-check";
import { expect, test } from "vitest";
import { durationText, readDuration, readSize, sizeText } from "../../server/units.ts";

test.each([
  ["90", 90_000, "1 min 30 s"],
  ["90s", 90_000, "1 min 30 s"],
  ["1h30m", 5_400_000, "1 h 30 min"],
  ["24h", 86_400_000, "1 d"],
  ["2.5d", 216_000_000, "2 d 12 h"],
  ["250ms", 250, "250 ms"],
  ["3320ms", 3_320, "3.32 s"],
  ["59.99", 59_990, "60 s"],
  ["1d1s", 86_401_000, "1 d 1 s"],
  ["0", 0, "0 s"],
])("%s is %d ms, which reads %s", (text, ms, read) => {
  expect([readDuration(text), durationText(ms)]).toEqual([ms, read]);
});

test.each([
  ["1073741824", 2 ** 30, "1 GiB"],
  ["8GiB", 2 ** 33, "8 GiB"],
  ["8g", 2 ** 33, "8 GiB"],
  ["1.5 TB", 1.5 * 2 ** 40, "1.5 TiB"],
  ["512M", 2 ** 29, "512 MiB"],
  ["17", 17, "17 bytes"],
])("%s is %d bytes, which reads %s", (text, size, read) => {
  expect([readSize(text), sizeText(size)]).toEqual([size, read]);
});

test("what is no time and no size is none", () => {
  for (const text of ["", " ", "soon", "-1s", "1 h", "1h 30m", "1y", "h", "1e3s", "Infinity"])
    expect([text, readDuration(text)]).toEqual([text, Number.NaN]);
  for (const text of ["", "much", "-1", "1GG", "GiB", "0x10", "1e9"])
    expect([text, readSize(text)]).toEqual([text, Number.NaN]);
  fc.assert(fc.property(fc.string(), (text) => readDuration(text) >= 0 || Number.isNaN(readDuration(text))));
});
