import { expect, test } from "vitest";
import { cardMemory } from "../../../server/engine/card-memory.ts";

const found = [
  { name: "cuda:0", model: "A", memoryBytes: 8 },
  { name: "cuda:1", model: "B", memoryBytes: 80 },
];
const untold = [{ name: "renderD128", model: "C" }];
const none: typeof untold = [];

test.each([
  ["cpu", undefined, found, undefined],
  ["wasm", undefined, found, undefined],
  ["cuda", undefined, found, 8],
  ["cuda", 1, found, 80],
  ["cuda", 2, found, Number.POSITIVE_INFINITY],
  ["webgpu", undefined, found, 80],
  ["webgpu", undefined, untold, Number.POSITIVE_INFINITY],
  ["webgpu", undefined, none, Number.POSITIVE_INFINITY],
  ["auto", undefined, found, 80],
  ["auto", undefined, none, undefined],
] as const)("%s, card %s, of %j: %s", async (name, device, all, bytes) => {
  expect(await cardMemory({ name, device, find: async () => all })).toBe(bytes);
});
