/** Wiring, undo, subgraphs, the library and files, in a real browser. Nothing is sampled here. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contentHash, readDocument } from "../../graphs/document/index.ts";
import { openStage, type Stage } from "./support/browser.ts";
import { example, linkTo } from "./support/graphs.ts";
import {
  click,
  drag,
  dropFile,
  fileText,
  freeSpot,
  headOf,
  open,
  press,
  settled,
  slotOf,
  wire,
} from "./support/hands.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());

describe("the editor", () => {
  test("opens on guided DDIM and draws every node of it", async () => {
    const page = await stage.visit();
    await expect.poll(() => page.locator(".mirror li").count()).toBe(example("guided-ddim").nodes.length);
    expect(await page.locator(".crumbs").textContent()).toContain("guided-ddim");
    expect(await page.locator(".mirror li").allInnerTexts()).toContainEqual(expect.stringContaining("Build cond_fn"));
    await page.context().close();
  });

  test("refuses a wire that does not fit, says why at the cursor and keeps the one that was there", async () => {
    const page = await stage.visit();
    await open(page, "Guided DDIM");
    const before = await fileText(page);
    await wire(page, ["Guidance Gradient", "gradient"], ["Condition Score", "prediction"], false);
    expect(await page.locator(".tip").textContent()).toContain("A gradient does not fit “prediction”.");
    expect(await page.locator(".tip").textContent()).toContain("“gradient” would take it.");
    await page.mouse.up();
    await settled(page);
    expect(await page.locator(".tip").count()).toBe(0);
    expect(await fileText(page)).toBe(before);
    await page.context().close();
  });

  test("offers what fits a wire dropped in empty space, and wires the chosen one", async () => {
    const page = await stage.visit();
    await open(page, "Guided DDIM");
    const from = await slotOf(page, "Guidance Gradient", "output", "gradient");
    await drag(page, from, await freeSpot(page));
    expect(await page.locator(".palette").getAttribute("aria-label")).toBe("Nodes that take gradient");
    expect(await page.locator(".choice").allInnerTexts()).not.toContainEqual(expect.stringContaining("Load UNet"));
    await page.keyboard.type("scale");
    await press(page, "Enter");
    const inner = readDocument(await fileText(page)).nodes.find(({ id }) => id === 7)?.inner?.nodes[8]?.inner;
    const scale = inner?.nodes.find(({ type }) => type === "guidegraph/scale");
    expect(inner?.links).toContainEqual(
      expect.objectContaining({ output: "gradient", to: scale?.id, input: "tensor" }),
    );
    await page.context().close();
  });

  test("is wired by keyboard alone: a node of the list, one of its slots, what fits it", async () => {
    const page = await stage.visit();
    const links = async () => readDocument(await fileText(page)).links.filter(({ input }) => input === "classifier");
    const before = await links();
    const choose = async (item: RegExp) => {
      await page.locator(".inspector .wire", { hasText: "classifier" }).press("Enter");
      await page.getByRole("menuitem", { name: item }).press("Enter");
      await settled(page);
    };
    const stops = page.locator('.mirror [tabindex="0"]');
    const chosen = () => page.locator('.mirror [aria-selected="true"]').allInnerTexts();
    const focused = () => page.locator(".mirror :focus").textContent();
    await stops.focus();
    const all = await page.locator(".mirror li").count();
    await press(page, "End");
    await press(page, "Shift+ArrowUp");
    expect(await chosen()).toHaveLength(2);
    await press(page, "Delete");
    expect(await page.locator(".mirror li").count()).toBe(all - 2);
    expect(await chosen()).toEqual([await focused()]);
    await press(page, "Control+z");
    await press(page, "Home");
    for (let i = 0; i < all && !/^Build cond_fn/.test(String(await focused())); i++) await press(page, "ArrowDown");
    expect(await stops.count()).toBe(1);
    await press(page, "Shift+F10");
    expect(await page.getByRole("menuitem").allTextContents()).toContainEqual(expect.stringContaining("Run to here"));
    await press(page, "Escape");
    await expect.poll(focused).toMatch(/^Build cond_fn/);
    await choose(/^Remove the wire/);
    expect(await links()).toHaveLength(before.length - 1);
    // What floated has given the focus back to the slot.
    await expect.poll(() => page.locator(".inspector .wire:focus").textContent()).toContain("classifier");
    await choose(/^From Load Classifier/);
    expect((await links()).map(({ from, to }) => [from, to])).toEqual(before.map(({ from, to }) => [from, to]));
    await page.context().close();
  });

  test("takes twenty mixed edits back one by one, to exactly the document that was", async () => {
    const page = await stage.visit();
    const states = [await fileText(page)];
    const edit = async (act: () => Promise<unknown>) => {
      await act();
      await settled(page);
      const text = await fileText(page);
      if (text !== states.at(-1)) states.push(text);
    };
    const nudge = ["ArrowRight", "ArrowDown"];
    for (const [i, title] of ["Load UNet", "Noise", "Grid", "Preview"].entries()) {
      await click(page, title);
      await edit(() => press(page, nudge[i % 2]));
      await edit(() => press(page, ["Control+b", "Control+m", "Alt+c", "Control+d"][i]));
    }
    await edit(async () => {
      const [x, y] = await headOf(page, "Build cond_fn");
      await drag(page, [x, y], [x + 40, y - 24]);
    });
    await edit(() => press(page, "Delete"));
    await edit(() => press(page, "Control+a"));
    await edit(() => press(page, "Control+g"));
    await click(page, "Decode Image");
    await click(page, "Grid", "Shift");
    await edit(() => press(page, "Control+Shift+G"));
    await edit(() => press(page, "Control+Shift+U"));
    for (const title of [
      "Preview",
      "Save PNG",
      "Load UNet",
      "Load Classifier",
      "Diffusion Schedule",
      "Wanted shape",
      "Noise",
      "Save NPZ",
    ]) {
      await click(page, title);
      await edit(() => press(page, "Delete"));
    }
    expect(states.length).toBeGreaterThan(20);
    for (const state of states.slice(0, -1).reverse()) {
      await press(page, "Control+z");
      expect(await fileText(page)).toBe(state);
    }
    for (const _ of states.slice(1)) await press(page, "Control+Shift+Z");
    expect(await fileText(page)).toBe(states.at(-1));
    await page.context().close();
  });

  test("makes a subgraph of a selection and takes it apart again, wires and values intact", async () => {
    const page = await stage.visit();
    const before = readDocument(await fileText(page));
    for (const [i, title] of ["Wanted shape", "Load Classifier", "Build cond_fn"].entries())
      await click(page, title, i > 0 ? "Shift" : undefined);
    await press(page, "Control+Shift+G");
    const made = readDocument(await fileText(page));
    expect(made.nodes.length).toBe(before.nodes.length - 2);
    expect(made.nodes.at(-1)?.inner?.nodes.map(({ type }) => type)).toContain("guidegraph/build-cond-fn");
    await press(page, "Control+Shift+U");
    const after = readDocument(await fileText(page));
    expect(contentHash({ ...after, about: before.about })).toBe(contentHash(before));
    await page.context().close();
  });

  test("saves a subgraph to the library, from which a new document takes a copy", async () => {
    const page = await stage.visit();
    await click(page, "Load Classifier");
    await click(page, "Build cond_fn", "Shift");
    await press(page, "Control+Shift+G");
    await page.mouse.click(...(await headOf(page, "Subgraph")), { button: "right" });
    await page.getByRole("menuitem", { name: "Save to library" }).click();
    await page.getByText("is in the library").waitFor();
    await page.getByRole("button", { name: "New document" }).click();
    await page.getByRole("button", { name: "Sampler library" }).click();
    await page.locator(".left .entry", { hasText: "version 1" }).click();
    await settled(page);
    await expect.poll(async () => readDocument(await fileText(page)).nodes.length).toBe(1);
    const [copy] = readDocument(await fileText(page)).nodes;
    expect(copy.inner?.about.library).toMatchObject({ name: "Subgraph" });
    expect(copy.outputs.map(({ name }) => name)).toContain("cond_fn");
    await page.context().close();
  });

  test("opens from a file and from a link what it saved, value for value", async () => {
    const page = await stage.visit(linkTo(example("red-star")));
    const text = await fileText(page);
    expect(contentHash(readDocument(text))).toBe(contentHash(example("red-star")));
    await dropFile(page, "again.json", new TextEncoder().encode(text));
    await page.getByRole("tab", { name: "again" }).waitFor();
    expect(await fileText(page)).toBe(text);
    await page.context().close();
  });

  test("says what is wrong with a file that is no graph, and opens nothing", async () => {
    const page = await stage.visit();
    await dropFile(
      page,
      "bad.json",
      new TextEncoder().encode(
        '{"nodes": [{"id": 1, "type": "x", "mode": "x", "__proto__": {"polluted": true}}], "links": []}',
      ),
    );
    await page.getByRole("alert").getByText("is not opened").waitFor();
    expect(await page.getByRole("tab").count()).toBe(2);
    expect(await page.evaluate(() => "polluted" in {})).toBe(false);
    await page.context().close();
  });

  test("keeps the document over a reload", async () => {
    const page = await stage.visit();
    await click(page, "Grid");
    await press(page, "Delete");
    const text = await fileText(page);
    await page.reload();
    await page.locator(".mirror li").first().waitFor();
    await settled(page);
    expect(await fileText(page)).toBe(text);
    await page.context().close();
  });
});
