/** What the page does by itself: how it starts, draws, sets a view, and takes what is dropped on it. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GraphDocument, readDocument, writeDocument } from "../../graphs/document/index.ts";
import { openStage, type Stage } from "./support/browser.ts";
import { example, linkTo } from "./support/graphs.ts";
import { begun, click, dropFile, fileText, freeSpot, open, press, settled } from "./support/hands.ts";

// biome-ignore lint/suspicious/noExplicitAny: the editor's state in the page, which is not typed here.
declare const guidegraph: any;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());

const documentIn = async (page: Page): Promise<GraphDocument> => readDocument(await fileText(page));
const bytesOf = (document: GraphDocument) => new TextEncoder().encode(JSON.stringify(writeDocument(document)));
const places = ({ nodes }: GraphDocument) => nodes.map(({ pos }) => [...pos]);
const viewOf = (page: Page) => page.evaluate(() => ({ ...guidegraph.canvas.view }));
const undo = (page: Page) => page.getByRole("button", { name: "Undo" });

async function dropped(page: Page, name: string, document: GraphDocument): Promise<void> {
  await dropFile(page, `${name}.json`, bytesOf(document));
  await page.getByRole("tab", { name, exact: true }).waitFor();
  await settled(page);
}

/** Every node of an example where none of them can be told from another. */
const heaped = (): GraphDocument => {
  const graph = example("guided-ddim");
  return { ...graph, nodes: graph.nodes.map((node, i) => ({ ...node, pos: [i * 8, i * 8] as const })) };
};

describe("the page starts", () => {
  test("with the graph of its link, which then leaves the address", async () => {
    const page = await stage.visit(linkTo(example("red-star")));
    await expect.poll(async () => (await documentIn(page)).about.title).toBe("A red star");
    expect(new URL(page.url()).hash).toBe("");
    await page.context().close();
  });

  test("with the first example where its link cannot be read, and says so", async () => {
    const page = await stage.visit("/#graph=none");
    await page.getByRole("alert").getByText("The graph in this link cannot be read").waitFor();
    await page.locator(".tab[data-active=true]", { hasText: "guided-ddim" }).waitFor();
    await page.context().close();
  });

  test("with what was open, the same one in front", async () => {
    const page = await stage.visit(linkTo(example("red-star")));
    await page.getByRole("button", { name: "New document" }).click();
    const names = () => page.locator(".tab:not(.home) [role=tab]").allInnerTexts();
    const before = await names();
    await page.getByRole("tab").nth(1).click();
    const [name] = before;
    await page.waitForTimeout(1000); // What is open is kept a moment after a change.
    await page.reload();
    await page.locator(".tab[data-active=true]", { hasText: name }).waitFor();
    expect(await names()).toEqual(before);
    await page.context().close();
  });

  /** What the page waits for, and what one does meanwhile. */
  test.each([
    ["nodes", "the start page"],
    ["graphs/guided-ddim", "the start page"],
    ["nodes", "a new document"],
    ["graphs/guided-ddim", "a file"],
  ])("and while it waits for %s, %s that is asked for stays in front", async (what, wish) => {
    const page = await (await stage.browser.newContext()).newPage();
    let goOn = () => {};
    const asked = new Promise<void>((resolve) => {
      void page.route(`**/api/${what}`, async (route) => {
        resolve();
        await new Promise<void>((resolve) => {
          goOn = resolve;
        });
        await route.continue();
      });
    });
    await page.goto(stage.url);
    await asked;
    await page.locator(".top").waitFor();
    if (wish === "the start page") await page.getByRole("tab", { name: "Start" }).click();
    if (wish === "a new document") await page.getByRole("button", { name: "New document" }).click();
    if (wish === "a file") await dropFile(page, "mine.json", bytesOf(example("red-star")));
    await settled(page);
    goOn();
    await begun(page);
    await settled(page);
    const front = await page
      .locator('.tab [role=tab][aria-selected="true"], .tab.home[aria-selected="true"]')
      .textContent();
    expect(front?.trim()).toBe({ "the start page": "", "a new document": "untitled", "a file": "mine" }[wish]);
    expect(await page.locator(".start").count()).toBe(wish === "the start page" ? 1 : 0);
    await page.context().close();
  });

  test("and says where no server answers", async () => {
    const page = await (await stage.browser.newContext()).newPage();
    await page.route("**/api/nodes", (route) => route.abort());
    await page.goto(stage.url);
    await page.getByRole("alert").getByText("The server cannot be reached").waitFor();
    await page.context().close();
  });
});

test("what changes between two frames is shown once", async () => {
  const page = await stage.visit();
  const shown = await page.evaluate(async () => {
    const { canvas } = guidegraph;
    const show = canvas.show;
    let count = 0;
    canvas.show = (...graph: unknown[]) => {
      count++;
      return show.apply(canvas, graph);
    };
    for (const title of ["a", "b", "c"])
      guidegraph.edit((graph: { about: object }) => ({ ...graph, about: { ...graph.about, title } }));
    const immediately = count;
    await new Promise<void>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));
    canvas.show = show;
    return [immediately, count];
  });
  expect(shown).toEqual([0, 1]);
  expect((await documentIn(page)).about.title).toBe("c");
  await page.context().close();
});

describe("a level", () => {
  test("whose cards lie on each other is laid out: no undo step, and nothing to save", async () => {
    const page = await stage.visit();
    const saved: string[] = [];
    page.on("request", (request) => request.method() === "PUT" && saved.push(request.url()));
    await dropped(page, "heap", heaped());
    const after = await documentIn(page);
    expect(places(after)).not.toEqual(places(heaped()));
    expect(await undo(page).isDisabled()).toBe(true);
    await page.waitForTimeout(1200);
    expect(saved.filter((url) => url.endsWith("/heap"))).toEqual([]);
    await click(page, "Grid");
    await press(page, "Delete");
    await expect.poll(() => saved.some((url) => url.endsWith("/heap"))).toBe(true);
    await press(page, "Control+z");
    expect(places(await documentIn(page))).toEqual(places(after));
    expect(await undo(page).isDisabled()).toBe(true);
    await page.context().close();
  });

  test("that can be read is left as it is, and fitted", async () => {
    const page = await stage.visit(linkTo(example("guided-ddim")));
    const first = await documentIn(page);
    await dropped(page, "again", first);
    expect(places(await documentIn(page))).toEqual(places(first));
    expect((await viewOf(page)).scale).toBeGreaterThanOrEqual(0.8);
    await page.context().close();
  });

  test("shows what it showed when one comes back to it", async () => {
    const page = await stage.visit();
    await press(page, "Alt+-");
    const before = await viewOf(page);
    await open(page, "Guided DDIM");
    expect(await viewOf(page)).not.toEqual(before);
    await press(page, "Escape");
    await press(page, "Escape");
    await settled(page);
    while ((await page.evaluate(() => guidegraph.tab.level.length)) > 0) await press(page, "Escape");
    expect(await viewOf(page)).toEqual(before);
    await page.context().close();
  });
});

test("a node dragged from the list lies where it was dropped", async () => {
  const page = await stage.visit();
  await page.getByRole("button", { name: "New document" }).click();
  await settled(page);
  await page.getByRole("button", { name: "Nodes (N)" }).click();
  const list = page.locator(".left");
  await list.getByRole("searchbox").fill("guidance gradient");
  const at = await page.evaluate(() => guidegraph.canvas.toCanvas([700, 400]));
  const { x, y } = (await page.locator("#canvas").boundingBox()) as { x: number; y: number };
  await list
    .getByRole("button", { name: "Guidance Gradient" })
    .first()
    .dragTo(page.locator("#canvas"), {
      targetPosition: { x: 700 - x, y: 400 - y },
    });
  await expect.poll(async () => (await documentIn(page)).nodes.length).toBe(1);
  const [{ type, pos }] = (await documentIn(page)).nodes;
  expect(type).toBe("guidegraph/guidance-gradient");
  for (const axis of [0, 1]) expect(Math.abs(pos[axis] - at[axis])).toBeLessThanOrEqual(8);
  await page.context().close();
});

test("a press beside a popup closes it, one inside does not", async () => {
  const page = await stage.visit();
  await page.locator("#canvas").focus();
  await press(page, "Tab");
  const palette = page.locator(".palette");
  await palette.locator("input").click();
  expect(await palette.count()).toBe(1);
  await page.mouse.click(...(await freeSpot(page)));
  await settled(page);
  expect(await palette.count()).toBe(0);
  await page.context().close();
});

// How long it stays then is tested without a page, in actions/saying.test.ts.
test("a notice is read while the pointer is on it, or the focus in it", async () => {
  const page = await stage.visit();
  const notice = page.locator(".notice");
  await page.evaluate(() => {
    Object.assign(window, { read: [] });
    guidegraph.read = (isRead: boolean) => (window as unknown as { read: boolean[] }).read.push(isRead);
    guidegraph.say({ text: "Something was saved", more: "Here." }, 600_000);
  });
  const last = () => page.evaluate(() => (window as unknown as { read: boolean[] }).read.at(-1));
  await notice.hover();
  expect(await last()).toBe(true);
  await page.mouse.move(300, 500);
  expect(await last()).toBe(false);
  await notice.getByRole("button", { name: "Close" }).focus();
  expect(await last()).toBe(true);
  await page.locator("#canvas").focus();
  expect(await last()).toBe(false);
  await page.context().close();
});

test("a slot has the same shape in the panel as on its card: a gradient is a triangle", async () => {
  const page = await stage.visit(linkTo(example("guided-ddim")));
  await open(page, "Guided DDIM");
  await click(page, "Guidance Gradient");
  const triangle = "M2 3h12L8 14z";
  const shapeOf = (where: string, has: string) =>
    page.locator(`.inspector ${where}`, { hasText: has }).locator(".glyph path").first().getAttribute("d");
  expect(await shapeOf(".wire", "gradient")).toBe(triangle);
  expect(await page.locator(".inspector h2 .glyph path").first().getAttribute("d")).toBe(triangle);
  expect(await shapeOf(".wire", "step")).not.toBe(triangle);
  await page.context().close();
});
