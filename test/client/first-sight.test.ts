/** An example that is opened is seen whole: beside the panels, below the bars, above what a run will take. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { exampleGroups } from "../../graphs/recipes/groups.ts";
import { openStage, type Stage } from "./support/browser.ts";

// biome-ignore lint/suspicious/noExplicitAny: the editor's state in the page, which is not typed here.
declare const guidegraph: any;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

/** So large that one could not read them whole: they begin at their upper left corner. */
const tooLarge = ["anomaly-map", "purification", "tfg"];

test("at 1440 × 900 every example is seen whole and can be read, but for those that are too large", async () => {
  const page = await stage.visit();
  const names = exampleGroups.flatMap(({ examples }) => examples);
  const cut = await page.evaluate(async (names) => {
    const frames = async (count: number) => {
      for (let i = 0; i < count; i++) await new Promise(requestAnimationFrame);
    };
    const found: string[] = [];
    for (const name of names) {
      guidegraph.show("");
      await frames(2);
      document.querySelector<HTMLElement>(`.example:has(img[src="examples/${name}.png"])`)?.click();
      for (let i = 0; i < 500 && guidegraph.tab?.name !== name; i++) await new Promise((then) => setTimeout(then, 10));
      await frames(3);
      const { canvas } = guidegraph;
      const [left, top, width, height] = canvas.clear;
      const isSeen = ([x, y, w, h]: number[]) =>
        x >= left && y >= top && x + w <= left + width && y + h <= top + height;
      if (guidegraph.tab?.name !== name || canvas.view.scale < 0.6 || !canvas.boxes().every(isSeen)) found.push(name);
    }
    return found;
  }, names);
  expect(cut.sort()).toEqual(tooLarge);
  await page.context().close();
}, 60_000);
