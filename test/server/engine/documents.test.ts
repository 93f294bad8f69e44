import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDocument } from "../../../graphs/document/index.ts";
import { checkDocument } from "../../../server/engine/documents.ts";
import { engine } from "../../../server/engine/engine.ts";
import { packageRoot } from "../../../server/files/package-root.ts";
import { testCache } from "../../support/cli.ts";

const file = join(packageRoot, "graphs/posterior-sampling.json");
const { document } = openDocument(JSON.parse(readFileSync(file, "utf8")));
const MiB = 2 ** 20;

/** The gradient of a UNet, four pictures of 32×32 at a time, was measured to take 42 MiB (docs/steps.md). */
test("a gradient that would hold more than there is is refused before anything is loaded", async () => {
  const opened = (runBytes: number) => engine({ cache: testCache, environment: {}, runBytes });
  await expect(checkDocument(opened(30 * MiB), document)).rejects.toThrow(
    /“‖y − A\(x̂₀\)‖” would hold \S+ MiB while it is differentiated, with which there are \S+ MiB at one time; a run here may hold 30\S* MiB: use smaller or fewer pictures in a batch/,
  );
  const { amount } = await checkDocument(opened(1_000 * MiB), document);
  expect(amount.drawn.map(({ title }) => title)).toEqual(["‖y − A(x̂₀)‖"]);
  expect(amount.drawn[0].values).toBeGreaterThan(25 * MiB);
  expect(amount.drawn[0].values).toBeLessThan(70 * MiB);
});
