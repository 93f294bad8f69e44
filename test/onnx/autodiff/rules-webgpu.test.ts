import { describe, test } from "vitest";
import { checkGradient } from "../../support/check-gradient.ts";
import { hasWebGpu } from "../../support/sessions.ts";
import { cases } from "./cases/index.ts";

// On Chromium's software Vulkan; without it they show as skipped. There a case takes a second, and every one is checked on
// cpu and wasm: two of each operator say whether its gradient's graph runs on this provider too.
const tested = Object.entries(cases)
  .filter(([, list]) => list.length > 0)
  .map(([op, list]) => [op, list.slice(0, 2)] as const);

for (const [op, list] of tested)
  describe.skipIf(!hasWebGpu)(op, () => {
    for (const [index, given] of list.entries())
      test(`${op} gradient agrees with central differences on webgpu (case ${index})`, () =>
        checkGradient(op, given, ["webgpu"]));
  });
