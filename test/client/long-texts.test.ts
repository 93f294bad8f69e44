/** What is longer than a field beside its name is seen whole where it is edited, and written as one line. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { documentBuilder } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { openStage, type Stage } from "./support/browser.ts";
import { linkTo } from "./support/graphs.ts";
import { click, press, rowOf, settled } from "./support/hands.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const formula = "table(taken, 0.5, 1, 1.5) * progress + clamp(alpha_bar_prev, 0.25, 0.75) - max(1, index) / 2";

/** A text of each sort, and where it is. */
const texts = { formula: ["Number Formula", formula], name: ["Save PNG", "a-name-that-is-longer-than-most"] } as const;

const document = () => {
  const b = documentBuilder(nodes, { title: "Long texts" });
  b.add("guidegraph/number-formula", { formula }, "Number Formula");
  const image = b.add("guidegraph/decode-image", { x: b.add("guidegraph/gaussian-noise").out("x_T") });
  b.add("guidegraph/save-png", { images: image.out("image"), name: texts.name[1] }, "Save PNG");
  return b.document();
};

const isWhole = (page: Page, field: string): Promise<boolean> =>
  page.evaluate((field) => {
    const { scrollWidth, clientWidth, scrollHeight, clientHeight } = window.document.querySelector(field) as Element;
    return scrollWidth <= clientWidth && scrollHeight <= clientHeight;
  }, field);

test.each(Object.entries(texts))("a %s is seen whole in the panel and over its card", async (name, [title, text]) => {
  const page = await stage.visit(linkTo(document()));
  await press(page, ".");
  await click(page, title);
  const field = page.locator(".inspector").getByLabel(name, { exact: true });
  expect(await field.inputValue()).toBe(text);
  expect(await isWhole(page, `.inspector textarea[aria-label="${name}"]`)).toBe(true);

  await page.mouse.click(...(await rowOf(page, title, name)));
  await page.locator(".popup.over textarea").waitFor();
  expect(await isWhole(page, ".popup.over textarea")).toBe(true);
  await press(page, "Escape");

  // It keeps the focus while it becomes short or long, and is one line however it was pasted.
  await field.fill(name === "formula" ? "1 +\n  2" : "one\n two");
  await press(page, "Enter");
  expect(await field.inputValue()).toBe(name === "formula" ? "1 + 2" : "one two");
  expect(await field.evaluate((one) => one === window.document.activeElement)).toBe(true);
  await page.context().close();
});

test("a formula's node shows what it computes as its equation", async () => {
  const page = await stage.visit(linkTo(document()));
  await click(page, "Number Formula");
  const equation = page.locator(".inspector .equation");
  expect(await equation.getAttribute("aria-label")).toContain("· progress + clamp(alpha_bar_prev, 0.25, 0.75) − max(");
  await page.locator(".inspector").getByLabel("formula", { exact: true }).fill("2 <= 3");
  await press(page, "Enter");
  await settled(page);
  expect(await equation.getAttribute("aria-label")).toBe("2 ≤ 3");
  await page.context().close();
});
