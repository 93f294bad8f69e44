import { afterAll, beforeAll, expect, test } from "vitest";
import { openStage, type Stage } from "./support/browser.ts";
import { press, settled } from "./support/hands.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

test("the minimap comes when something is out of sight, goes there by a press, and goes when all is seen", async () => {
  const page = await stage.visit();
  const map = page.locator(".minimap");
  expect(await map.count()).toBe(0);
  for (let i = 0; i < 4; i++) await press(page, "Alt+=");
  const centre = () =>
    page.evaluate(
      () => (window as never as { guidegraph: { canvas: { centre: [number, number] } } }).guidegraph.canvas.centre,
    );
  const [before] = await centre();
  const { x, y, width, height } = (await map.boundingBox()) as { x: number; y: number; width: number; height: number };
  await page.mouse.click(x + width - 20, y + height / 2);
  await settled(page);
  expect((await centre())[0]).toBeGreaterThan(before + 100);
  await press(page, ".");
  await map.waitFor({ state: "detached" });
  await page.context().close();
});

test.each([
  [1440, 900],
  [1280, 720],
  [390, 844],
])("at %d × %d marks at the edges tell what is out of sight, and a press shows it", async (width, height) => {
  const page = await stage.visit("/", await stage.browser.newContext({ viewport: { width, height } }));
  const seen = (side: string) => page.locator(`.edge-mark[data-side=${side}]`);
  await press(page, ".");
  expect(await page.locator(".edge-mark").count()).toBe(0);
  await page.evaluate(() => {
    const { canvas } = (window as never as { guidegraph: { canvas: { view: object } } }).guidegraph;
    canvas.view = { x: 100, y: 3000, scale: 1 };
  });
  await settled(page);
  expect(await page.locator(".edge-mark").evaluateAll((all) => all.map((one) => one.dataset.side))).toEqual(["down"]);
  for (let i = 0; i < 8 && (await seen("down").count()) > 0; i++) {
    await seen("down").click();
    await settled(page);
  }
  expect(await seen("down").count()).toBe(0);
  await page.context().close();
});
