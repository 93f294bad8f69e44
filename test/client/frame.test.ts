import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStage, type Stage } from "./support/browser.ts";
import { headOf, settled, slotOf } from "./support/hands.ts";

// biome-ignore lint/suspicious/noExplicitAny: the editor's state in the page, which is not typed here.
declare const guidegraph: any;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
}, 120_000);
afterAll(() => stage?.close());

/** Keeps what the canvas shows, to be compared with. */
const keepFrame = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const { element } = guidegraph.canvas;
    guidegraph.kept = element.getContext("2d").getImageData(0, 0, element.width, element.height).data;
  });

/** The largest difference of any colour between what was kept and the frame as it is painted from nothing. */
const errorOfKept = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const { canvas, kept } = guidegraph;
    canvas.dirty();
    await new Promise<void>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));
    const anew = canvas.element.getContext("2d").getImageData(0, 0, canvas.element.width, canvas.element.height).data;
    return kept.reduce((most: number, value: number, i: number) => Math.max(most, Math.abs(value - anew[i])), 0);
  });

/** Two layers are blended where one canvas would have been painted: each rounds. */
const rounding = 3;

test.each([1, 0.4, 0.15])(
  "a frame in which a card is dragged shows what a whole one shows, at zoom %f",
  async (zoom) => {
    const page = await stage.visit();
    await page.evaluate((zoom) => guidegraph.canvas.zoom(zoom / guidegraph.canvas.view.scale), zoom);
    await settled(page);
    const [x, y] = await headOf(page, "Build cond_fn");
    await page.mouse.move(x, y);
    await page.mouse.down();
    for (const far of [8, 16, 24]) {
      await page.mouse.move(x + far, y + far);
      await settled(page);
    }
    expect(await page.evaluate(() => guidegraph.canvas.scene.hand.ids.size)).toBe(1);
    await keepFrame(page);
    expect(await errorOfKept(page)).toBeLessThanOrEqual(rounding);
    await page.mouse.up();
    await settled(page);
    expect(await page.evaluate(() => guidegraph.canvas.scene.hand.holds)).toBe("nothing");
    const after = await headOf(page, "Build cond_fn");
    expect(after[0] - x).toBeGreaterThan(16 - 8 * zoom);
    await page.close();
  },
);

test("so does one in which a wire is in hand, and what a refusal dims comes back", async () => {
  const page = await stage.visit();
  const [x, y] = await slotOf(page, "Build cond_fn", "output", "cond_fn");
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (const far of [20, 40, 60]) {
    await page.mouse.move(x + far, y + far);
    await settled(page);
  }
  await keepFrame(page);
  expect(await errorOfKept(page)).toBeLessThanOrEqual(rounding);
  await page.keyboard.press("Escape");
  await page.mouse.up();
  await page.mouse.move(2, 2);
  await settled(page);
  await keepFrame(page);
  expect(await errorOfKept(page)).toBe(0);
  await page.close();
});
