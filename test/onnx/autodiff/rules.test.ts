import { describe, test } from "vitest";
import { checkGradient } from "../../support/check-gradient.ts";
import { cases } from "./cases/index.ts";

for (const [op, list] of Object.entries(cases))
  describe(op, () => {
    for (const [index, given] of list.entries())
      test(`${op} gradient agrees with central differences on cpu and wasm (case ${index})`, () =>
        checkGradient(op, given, ["cpu", "wasm"]));
  });
