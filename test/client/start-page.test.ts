/** The start page: examples under headings, and narrowed by what one types. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exampleGroups } from "../../graphs/recipes/groups.ts";
import { openStage, type Stage } from "./support/browser.ts";
import { settled } from "./support/hands.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
  writeFileSync(join(stage.data, "graphs", "my-own-star.json"), readFileSync("graphs/red-star.json"));
});
afterAll(() => stage.close());

const shown = (page: Page) => page.locator(".start .example b").allTextContents();
const all = readdirSync("graphs").filter((file) => file.endsWith(".json")).length;

/** What reaches out of the page's width, and what lies over something else of it. */
const misplaced = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const seen = [...document.querySelectorAll(".start :is(h1, h2, .search, .found, .example, .recent, .beside)")]
      .map((of) => ({ of: `${of.className} ${of.textContent?.slice(0, 30)}`, box: of.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && box.height > 0);
    const out = seen.filter(({ box }) => box.left < 0 || box.right > innerWidth);
    const over = seen.filter(({ box: a }, i) =>
      seen
        .slice(i + 1)
        .some(
          ({ box: b }) =>
            Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
            Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1,
        ),
    );
    return [...out, ...over].map(({ of }) => of);
  });

test.each([
  [1440, 900],
  [1280, 720],
  [390, 844],
])("at %d × %d examples are grouped, own documents come first, and typed words narrow both", async (width, height) => {
  const context = await stage.browser.newContext({ viewport: { width, height } });
  const page = await stage.visit("/", context);
  await page.getByRole("tab", { name: "Start" }).click();
  await page.locator(".start .search").waitFor();
  const headings = page.locator(".start h2");
  expect(await headings.allTextContents()).toEqual(exampleGroups.map(({ title, examples }) => title + examples.length));
  expect(await shown(page)).toHaveLength(all);
  expect(await misplaced(page)).toEqual([]);
  // Without scrolling one sees one's own and where to type.
  for (const what of [".recent .entry", ".start .search"])
    expect((await page.locator(what).boundingBox())?.y, what).toBeLessThan(height - 60);
  await page.keyboard.press("/");
  await page.keyboard.type("red STAR");
  await settled(page);
  expect(await shown(page)).toEqual(["A red star"]);
  expect(await page.locator(".recent .entry b").allTextContents()).toEqual(["my-own-star"]);
  expect(await page.locator(".start .found").textContent()).toBe(`2 of ${all + 1}`);
  await page.keyboard.type(" of nothing");
  await settled(page);
  expect(await shown(page)).toEqual([]);
  expect(await page.locator(".start .found").textContent()).toContain("Nothing here says “red STAR of nothing”");
  expect(await misplaced(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await settled(page);
  expect(await shown(page)).toHaveLength(all);
  await page.keyboard.type("deblurring");
  await page.keyboard.press("Enter");
  await page.locator('.tab[data-active="true"]', { hasText: "deblurring" }).waitFor();
  await context.close();
});

test("by key one leaves the field, goes on to the cards, and has all of them again", async () => {
  const page = await stage.visit();
  await page.getByRole("tab", { name: "Start" }).click();
  await page.locator(".start .search").waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("solvers");
  await settled(page);
  await page.keyboard.press("Tab");
  await settled(page);
  const focused = () => page.evaluate(() => document.activeElement?.className);
  expect(await focused()).toBe("example");
  expect((await shown(page)).length).toBeLessThan(10);
  await page.keyboard.press("Escape");
  await settled(page);
  expect(await shown(page)).toHaveLength(all);
  // From part to part, none that is not seen.
  const parts = new Set<string>();
  for (let i = 0; i < 8; i++) {
    await page.keyboard.press("F6");
    parts.add(await page.evaluate(() => document.activeElement?.closest("header, nav, aside, main")?.className ?? ""));
  }
  expect([...parts].sort()).toEqual(["beside", "examples", "rail", "recent", "top"]);
  await page.context().close();
});
