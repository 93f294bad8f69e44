import { expect, test } from "vitest";
import { deviceLines } from "../../../server/devices/device-lines.ts";
import { readDevices } from "../../../server/providers/device-list.ts";

/** What is warned of, of devices of a thread each with room enough. */
const warnings = (list: string): readonly string[] => {
  const choices = readDevices(list, 1).map((choice) => ({ ...choice, threads: 0 }));
  return deviceLines(choices, 1, 2 ** 30).flatMap(([line, level]) => (level === "warn" ? [line] : []));
};

test.each([
  ["cuda:0,cpu", /^cuda and cpu round differently: .* a run fails where/],
  ["cpu*2,webgpu,cuda:1", /^cpu and webgpu and cuda round differently/],
])("of %s, several kinds, it is said before a run what becomes of its pictures", (list, line) => {
  expect(warnings(list)).toEqual([expect.stringMatching(line)]);
});

test.each(["cpu", "cpu*3", "cuda:0,cuda:1"])("of %s nothing is warned of", (list) => {
  expect(warnings(list)).toEqual([]);
});
