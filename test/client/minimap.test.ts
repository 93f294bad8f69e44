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
