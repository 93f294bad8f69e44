import { expect, test } from "vitest";
import { chromiumPath, inChromium } from "../support/chromium.ts";
import { main } from "../support/draws.ts";

test.runIf(chromiumPath)("noise, labels and schedules have the same bits in Chromium", async () => {
  expect(await inChromium("draws.ts")).toEqual(main());
});
