/** A command line of the reference, pasted on the start page. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStage, type Stage } from "./support/browser.ts";
import { ran, run } from "./support/hands.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

test("a pasted command opens as a graph, with its batches, and runs", async () => {
  const page = await stage.visit();
  await page.getByRole("tab", { name: "Start" }).click();
  const field = page.getByRole("textbox", { name: "A command of guided-diffusion" });
  const flags = "--batch_size 2 --num_samples 4 --timestep_respacing ddim3 --use_ddim True --classes 3";
  await field.fill(`python image_sample.py --model_path /data/nowhere.pt --class_cond True ${flags}`);
  await field.press("Control+Enter");
  const notice = page.locator(".notice", { hasText: "This graph wants a file that is not here" });
  expect(await notice.textContent()).toContain("“nowhere.pt”. Drop it here, or put it into models/");
  await page.locator(".missing-note").getByText("Drop or choose it").waitFor();
  await page.getByRole("tab", { name: "Start" }).click();
  await field.fill(
    `FLAGS="${flags}"\npython classifier_sample.py --model_path models/shapes32_diffusion.pt --classifier_path models/shapes32_shape_classifier.pt $FLAGS`,
  );
  await page.getByRole("button", { name: "Open as a graph" }).click();
  await page.getByRole("tab", { name: "classifier-sample" }).waitFor();
  expect(await page.locator(".stepper").textContent()).toContain("× 2");
  await run(page);
  expect((await ran(page)).state).toBe("succeeded");
  await page.context().close();
});
