/** The sampler library under a person's hands: taken from it, changed, saved to it, and told apart from it. */
import type { Page } from "playwright-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { contentHash, type GraphDocument, readDocument } from "../../graphs/document/index.ts";
import { samplerGraph } from "../../graphs/recipes/index.ts";
import { openStage, type Stage } from "./support/browser.ts";
import { click, fileText, headOf, open, press, settled } from "./support/hands.ts";

// A library of its own for each: what one saves, another would find.
let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage?.close());

const documentIn = async (page: Page): Promise<GraphDocument> => readDocument(await fileText(page));
const library = (page: Page) => page.getByRole("button", { name: "Sampler library" }).click();
const crumbs = (page: Page) => page.locator(".crumbs").textContent();
const entries = (page: Page) => page.locator(".left .entry b").allInnerTexts();

/** A document with nothing but the library beside it. */
async function emptyDocument(page: Page): Promise<void> {
  await page.getByRole("button", { name: "New document" }).click();
  await settled(page);
}

/** Makes an own entry, called "Subgraph", of Load Classifier and Build cond_fn. */
async function ownEntry(page: Page): Promise<void> {
  await click(page, "Load Classifier");
  await click(page, "Build cond_fn", "Shift");
  await press(page, "Control+Shift+G");
  await page.mouse.click(...(await headOf(page, "Subgraph")), { button: "right" });
  await page.getByRole("menuitem", { name: "Save to library" }).click();
  await page.getByText("“Subgraph” is in the library").waitFor();
}

async function choose(page: Page, entry: string, item: string): Promise<void> {
  await page.getByRole("button", { name: `More for ${entry}`, exact: true }).click();
  await page.getByRole("menuitem", { name: item }).click();
}

async function turnScale(page: Page, value: string): Promise<void> {
  await click(page, "Build cond_fn");
  await page.locator(".inspector").getByRole("textbox", { name: "scale" }).fill(value);
  // Out of the field, then out of the selection.
  for (const key of ["Enter", "Escape", "Escape"]) await press(page, key);
}

test("an entry is dragged from the panel onto the canvas, and lies where it was dropped", async () => {
  const page = await stage.visit();
  await emptyDocument(page);
  await library(page);
  await page
    .locator(".left")
    .getByRole("button", { name: /^Guided DDIM/ })
    .dragTo(page.locator("#canvas"), {
      targetPosition: { x: 420, y: 320 },
    });
  await expect.poll(async () => (await documentIn(page)).nodes.length).toBe(1);
  const [copy] = (await documentIn(page)).nodes;
  expect(copy.inner?.about.library).toEqual({
    name: "guided-ddim",
    version: 1,
    hash: contentHash(samplerGraph("guided-ddim")),
  });
  const { left, top } = await page.locator("#canvas").evaluate((canvas) => canvas.getBoundingClientRect());
  const [x, y] = await headOf(page, "Guided DDIM");
  expect(Math.hypot(x - 50 - (left + 420), y + 14 - (top + 320))).toBeLessThan(12);
  await page.getByRole("button", { name: "Nodes (N)" }).click();
  await page
    .locator(".left .entry", { hasText: "Load UNet" })
    .dragTo(page.locator("#canvas"), { targetPosition: { x: 120, y: 500 } });
  await expect
    .poll(async () => (await documentIn(page)).nodes.map(({ type }) => type))
    .toContain("guidegraph/load-unet");
  await page.context().close();
});

test("the first edit inside says once that the loop is now one's own copy, what differs, and goes back", async () => {
  const page = await stage.visit();
  await open(page, "Guided DDIM");
  expect(await crumbs(page)).toContain("guided-ddim · built in");
  await click(page, "Condition Score");
  await press(page, "Control+b");
  await page.getByText("This loop is now your own copy").waitFor();
  expect(await crumbs(page)).toContain("guided-ddim · edited");
  await page.getByRole("button", { name: "Close", exact: true }).last().click();
  await press(page, "Control+m");
  await press(page, "Control+b");
  expect(await page.getByText("This loop is now your own copy").count()).toBe(0);
  await press(page, "Escape");
  await page.locator(".origin li", { hasText: "Condition Score is bypassed" }).waitFor();
  const edited = await documentIn(page);
  await page.getByRole("button", { name: "Update to the library's" }).click();
  await page.locator(".origin", { hasText: "built in" }).waitFor();
  expect(contentHash(await documentIn(page))).toBe(
    contentHash({
      ...edited,
      nodes: edited.nodes.map((node) => (node.inner ? { ...node, inner: samplerGraph("guided-ddim") } : node)),
    }),
  );
  await press(page, "Control+z");
  expect(contentHash(await documentIn(page))).toBe(contentHash(edited));
  await page.getByRole("button", { name: "Save to library" }).click();
  await page.getByText("“my Guided DDIM” is in the library").waitFor();
  expect(await crumbs(page)).toContain("my Guided DDIM · version 1");
  await page.context().close();
});

test("an own entry saved again is its next version, and older copies are offered it", async () => {
  const page = await stage.visit();
  await ownEntry(page);
  await emptyDocument(page);
  await library(page);
  await page.locator(".left .entry", { hasText: "Subgraph" }).click();
  await expect.poll(async () => (await documentIn(page)).nodes.length).toBe(1);
  await open(page, "Subgraph");
  expect(await crumbs(page)).toContain("Subgraph · version 1");
  await turnScale(page, "3");
  await page.getByRole("button", { name: "Save as version 2" }).click();
  await page.getByText("It is version 2 now.").waitFor();
  expect(await crumbs(page)).toContain("Subgraph · version 2");
  expect(await page.locator(".left .entry", { hasText: "Subgraph" }).textContent()).toContain("version 2");
  await page
    .getByRole("tab", { name: "my-guided-ddim" })
    .or(page.getByRole("tab", { name: "guided-ddim" }))
    .first()
    .click();
  await settled(page);
  await click(page, "Subgraph");
  const origin = page.locator(".origin");
  await origin.getByText("version 1 of 2").waitFor();
  await origin.locator("li", { hasText: "Build cond_fn: scale 3 → 22" }).waitFor();
  const before = await fileText(page);
  await open(page, "Subgraph");
  await page.locator(".crumbs").getByRole("button", { name: "update" }).click();
  await expect.poll(() => crumbs(page)).toContain("Subgraph · version 2");
  const updated = (await documentIn(page)).nodes.find(({ inner }) => inner?.about.library?.name === "Subgraph");
  expect(updated?.inner?.about.library?.version).toBe(2);
  await press(page, "Control+z");
  expect(await fileText(page)).toBe(before);
  await page.context().close();
});

test("own entries are renamed, duplicated, and deleted with a way back; copies know their entry by its new name", async () => {
  const page = await stage.visit();
  await ownEntry(page);
  await library(page);
  await choose(page, "Subgraph", "Rename");
  await page.getByLabel("New name of Subgraph").fill("Shape guidance");
  await page.keyboard.press("Enter");
  await expect.poll(() => entries(page)).toContain("Shape guidance");
  expect(await entries(page)).not.toContain("Subgraph");
  await click(page, "Subgraph");
  await page.locator(".origin", { hasText: "Shape guidance · version 1" }).waitFor();
  await choose(page, "Shape guidance", "Duplicate");
  await page.getByLabel("New name of Shape guidance copy").fill("Other");
  await page.keyboard.press("Enter");
  await expect.poll(() => entries(page)).toContain("Other");
  await choose(page, "Other", "Rename");
  await page.getByLabel("New name of Other").fill("Shape guidance");
  await page.keyboard.press("Enter");
  await page.getByText("“Other” keeps its name").waitFor();
  const before = await entries(page);
  await choose(page, "Shape guidance", "Delete");
  await expect.poll(() => entries(page)).not.toContain("Shape guidance");
  await page.locator(".notice").getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => entries(page)).toEqual(before);
  await click(page, "Subgraph");
  await page.locator(".origin", { hasText: "Shape guidance · version 1" }).waitFor();
  await choose(page, "Guided DDPM", "Duplicate as your own");
  await page.getByLabel("New name of my Guided DDPM").press("Escape");
  await expect.poll(() => entries(page)).toContain("my Guided DDPM");
  await page.context().close();
});
