/** The longest names that there are, in every form that shows them: nothing of them is cut or covered, at any width. In one page. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { documentBuilder } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { bundledModels } from "../../server/files/package-root.ts";
import { classifierFlags, unetFlags } from "../../server/sample/flags.ts";
import { openStage, type Stage } from "./support/browser.ts";
import { linkTo } from "./support/graphs.ts";
import { begun, dropFiles, freeSpot, settled } from "./support/hands.ts";

let stage: Stage;
let page: Page;
beforeAll(async () => {
  stage = await openStage();
  page = await stage.visit();
});
afterAll(() => stage?.close());

const widths = [1440, 1280, 390];

/** A document with one node of every type that has parameters, beside the length of its longest. */
function everyNode() {
  const b = documentBuilder(nodes, { title: "all" });
  const longest = (type: keyof typeof nodes) =>
    Math.max(
      0,
      ...Object.entries<{ parameter?: unknown }>(nodes[type].inputs)
        .filter(([, { parameter }]) => parameter)
        .map(([name]) => name.length),
    );
  const types = (Object.keys(nodes) as (keyof typeof nodes)[]).filter((type) => longest(type) > 9);
  for (const type of types) b.add(type);
  return b.document();
}

/** What of these elements' words lies outside of them, outside of what holds them, or under another of the row. */
const hidden = (rows: string, label: string, holder: string): Promise<string[]> =>
  page.evaluate(
    ([rows, label, holder]) =>
      [...document.querySelectorAll(rows)].flatMap((row) => {
        const name = row.querySelector(label);
        const around = row.closest(holder);
        if (!name || !around) return [];
        const range = document.createRange();
        range.selectNodeContents(name);
        const words = range.getBoundingClientRect();
        const field = name.nextElementSibling?.getBoundingClientRect();
        const [box, room] = [name.getBoundingClientRect(), around.getBoundingClientRect()];
        const isUnder = field && field.top < words.bottom && field.bottom > words.top && words.right > field.left + 1;
        const isCut = words.right > box.right + 1 || words.bottom > box.bottom + 3;
        const isOutside = words.left < room.left || words.right > room.right || around.scrollWidth > around.clientWidth;
        return isUnder || isCut || isOutside
          ? [`${name.textContent} ${isUnder ? "under its field" : isCut ? "cut" : "outside"}`]
          : [];
      }),
    [rows, label, holder],
  );

test("in the inspector", async () => {
  await page.goto(`${stage.url}/?all${linkTo(everyNode()).slice(1)}`);
  await begun(page);
  await settled(page);
  // biome-ignore lint/suspicious/noExplicitAny: the editor's state in the page, which is not typed here.
  const ids = await page.evaluate(() => (window as any).guidegraph.graph.nodes.map(({ id }: { id: number }) => id));
  let seen = 0;
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    // biome-ignore lint/suspicious/noExplicitAny: as above.
    await page.evaluate(() => (window as any).guidegraph.apply((state: object) => ({ ...state, inspector: true })));
    for (const id of ids) {
      // biome-ignore lint/suspicious/noExplicitAny: as above.
      await page.evaluate((id) => (window as any).guidegraph.select(new Set([id])), id);
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
      // A node may have none.
      seen += await page.locator(".inspector .row").count();
      if (process.env.GUIDEGRAPH_LOOK && id === ids[3])
        await page.screenshot({ path: `${process.env.GUIDEGRAPH_LOOK}/inspector-${width}.png` });
      expect(await hidden(".inspector .row", "span:first-child", ".inspector")).toEqual([]);
    }
  }
  expect(seen).toBeGreaterThan(ids.length);
});

test("in the form that asks what a checkpoint lacks", async () => {
  await page.setViewportSize({ width: 1440, height: 900 });
  const bytes = new Uint8Array(readFileSync(join(bundledModels, "shapes32_shape_classifier.pt")));
  await dropFiles(page, [["shapes32_shape_classifier_of_a_very_long_name_indeed.pt", bytes]], await freeSpot(page));
  await page.locator(".model-form").waitFor();
  await page.locator(".model-form").getByRole("button", { name: "Add the model" }).click();
  await page.locator(".model-form footer .problem").getByText("does not divide").waitFor();
  // Whatever a checkpoint may be asked.
  const asks = Object.keys({ ...unetFlags, ...classifierFlags }).map((flag) => ({
    flag,
    help: `what ${flag} is: 32,16,8`,
    value: "",
    from: "nobody",
  }));
  await page.evaluate((asks) => {
    // biome-ignore lint/suspicious/noExplicitAny: as above.
    (window as any).guidegraph.apply((state: any) => {
      const { form } = state.overlay;
      return { ...state, overlay: { ...state.overlay, form: { ...form, asks } } };
    });
  }, asks);
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    if (process.env.GUIDEGRAPH_LOOK)
      await page.screenshot({ path: `${process.env.GUIDEGRAPH_LOOK}/form-${width}.png` });
    await expect.poll(() => page.locator(".model-form .asks .row").count()).toBe(asks.length);
    expect(await hidden(".model-form .asks .row", "code", ".model-form .scroll")).toEqual([]);
    expect(await hidden(".model-form footer", ".problem", ".model-form")).toEqual([]);
  }
});
