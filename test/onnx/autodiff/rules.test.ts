import { describe, test } from "vitest";
import { checkGradient } from "../../support/check-gradient.ts";
import { cases } from "./cases/index.ts";

const tested = Object.entries(cases).filter(([, list]) => list.length > 0);

for (const [op, list] of tested)
  describe(op, () => {
    for (const [index, given] of list.entries())
      test(`${op} gradient agrees with central differences on cpu and wasm (case ${index})`, () =>
        checkGradient(op, given, ["cpu", "wasm"]));
  });
