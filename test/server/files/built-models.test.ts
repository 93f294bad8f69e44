import { expect, test } from "vitest";
import { builtModels } from "../../../server/files/built-models.ts";
import { temporaryFolder } from "../../support/cli.ts";

test("what is found of a model is found once, whoever asks; what fails is not kept", async () => {
  const cache = temporaryFolder();
  let found = 0;
  const find = async () => `{"found":${++found}}`;
  const note = (key: string, by = find) => builtModels(cache).note!(key, by);
  await expect(note("a", () => Promise.reject(new Error("No gradient")))).rejects.toThrow("No gradient");
  expect([await note("a"), await note("a"), await note("b")]).toEqual([1, 1, 2].map((n) => `{"found":${n}}`));
});
