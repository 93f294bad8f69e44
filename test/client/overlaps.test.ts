/** What one needs next is never under what floats: no two panels, bars, lists or notices lie over each other. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStage, type Stage } from "./support/browser.ts";
import { click, headOf, open, press, settled, slotOf, surveyed } from "./support/hands.ts";

// biome-ignore lint/suspicious/noExplicitAny: the editor's state in the page, which is not typed here.
declare const guidegraph: any;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const parts = [
  ...[".top", ".rail", ".left", ".inspector", ".strip", ".crumbs", ".zoom", ".minimap", ".edge-mark"],
  ...[".notice", ".popup", ".dialog"],
];

/** Pairs that lie over each other, and what reaches out of the window. */
const overlaps = (page: Page): Promise<string[]> =>
  page.evaluate((parts) => {
    const seen = parts.flatMap((part) =>
      [...document.querySelectorAll(part)].map((of) => ({ part, of, box: of.getBoundingClientRect() })),
    );
    const shown = seen.filter(({ box }) => box.width > 1 && box.height > 1);
    const out = shown.filter(
      ({ box }) => box.left < -1 || box.top < -1 || box.right > innerWidth + 1 || box.bottom > innerHeight + 1,
    );
    const pairs = shown.flatMap((a, i) =>
      shown.slice(i + 1).flatMap((b) => {
        const wide = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
        const tall = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
        return wide > 1 && tall > 1 ? [`${a.part} ${b.part}`] : [];
      }),
    );
    return [...out.map(({ part }) => `${part} is cut off`), ...pairs];
  }, parts);

const put = (page: Page, fields: object): Promise<void> =>
  page.evaluate((fields) => guidegraph.apply((state: object) => ({ ...state, ...fields })), fields);

const long = {
  text: "“guided-ddim” was changed in another browser",
  more: "There it stays; what you made of it here is kept as “my-guided-ddim-2”, with everything that was in it.",
};
const nothing = { notice: undefined, overlay: undefined, left: undefined, inspector: undefined };

/** What may be open, and what is asked for then. */
const states: Readonly<Record<string, object>> = {
  "nothing else": {},
  "a notice": { notice: long },
  "a notice that is bad": { notice: { ...long, bad: true } },
  "the problems": { overlay: { is: "problems" } },
  "the queue": { overlay: { is: "queue" } },
  "what is kept": { overlay: { is: "kept" } },
};

test.each([
  [1440, 900],
  [1280, 720],
  [390, 844],
])("at %d × %d nothing that floats lies over a panel, a bar or another", async (width, height) => {
  const context = await stage.browser.newContext({ viewport: { width, height } });
  const page = await stage.visit("/", context);
  await page.evaluate(() => guidegraph.edit((graph: { links: object[] }) => ({ ...graph, links: [] })));
  await surveyed(page);
  const isNarrow = width <= 900;
  for (const panels of isNarrow ? [{}] : [{}, { inspector: true }, { inspector: true, left: "nodes" }])
    for (const [name, state] of Object.entries(states)) {
      await put(page, { ...nothing, ...panels });
      await settled(page);
      await put(page, state);
      await settled(page);
      expect(await overlaps(page), `${name} beside ${Object.keys(panels)}`).toEqual([]);
    }
  if (isNarrow) {
    // Over the canvas there is one panel, and none once something else is listed or gone to.
    for (const panel of ["Nodes (N)", "Inspector", "Nodes (N)"])
      await page.getByRole("button", { name: panel }).click();
    expect(await page.locator(".left, .inspector").count()).toBe(1);
    await page.locator(".run").click();
    await page.locator(".problems .problem").first().waitFor();
    expect(await page.locator(".left, .inspector").count()).toBe(0);
  }
  await page.getByRole("tab", { name: "Start" }).click();
  for (const state of [{ notice: long }, { overlay: { is: "queue" } }]) {
    await put(page, { notice: undefined, overlay: undefined, ...state });
    await settled(page);
    expect(await overlaps(page)).toEqual([]);
  }
  await context.close();
});

test.each([
  [1440, 900, {}],
  [1280, 720, { left: "nodes" }],
  [390, 844, { inspector: false }],
])(
  "at %d × %d a notice leaves a long breadcrumb and the cards alone, and all of it can be read",
  async (width, height, panels) => {
    const page = await stage.visit("/", await stage.browser.newContext({ viewport: { width, height } }));
    await open(page, "Guided DDIM");
    const names = "a-document-of-which-somebody-wanted-to-know-what-it-is-by-its-name-alone";
    await page.evaluate(
      (name) =>
        guidegraph.apply((state: { tabs: object[] }) => ({
          ...state,
          tabs: state.tabs.map((tab) => ({ ...tab, name })),
        })),
      names,
    );
    const said = page.locator(".notice .said");
    for (const times of [1, 8]) {
      const more = Array(times).fill(long.more).join(" ");
      await put(page, { ...panels, notice: { ...long, more } });
      await settled(page);
      expect(await overlaps(page)).toEqual([]);
      // Where the first fit leaves room for it; on a telephone it stands below.
      if (width > 900) expect((await page.locator(".notice").boundingBox())?.height).toBeLessThanOrEqual(52);
      const isCut = () =>
        said.evaluate((of) => of.scrollHeight > of.clientHeight + 1 && getComputedStyle(of).overflowY !== "auto");
      const opens = page.getByRole("button", { name: "Read on" });
      expect(await isCut()).toBe(await opens.isVisible());
      if (await opens.isVisible()) await opens.click();
      expect(await isCut()).toBe(false);
      expect(await overlaps(page)).toEqual([]);
    }
    // What is said next is not open.
    await put(page, { notice: { text: "Saved" } });
    await settled(page);
    expect(await page.locator(".notice[data-open], .notice .whole:visible").count()).toBe(0);
    await page.context().close();
  },
);

test("panels leave the canvas to a window that is made narrow, and are beside it again in a wide one", async () => {
  const page = await stage.visit();
  const open = () => page.locator(".left, .inspector").count();
  await page.getByRole("button", { name: "Nodes (N)" }).click();
  await expect.poll(open).toBe(2);
  await page.setViewportSize({ width: 390, height: 844 });
  await expect.poll(open).toBe(0);
  await page.setViewportSize({ width: 1440, height: 900 });
  await expect.poll(open).toBe(2);
  await page.context().close();
});

test("the list of problems goes with the last of them", async () => {
  const page = await stage.visit();
  await page.evaluate(() => guidegraph.edit((graph: { links: object[] }) => ({ ...graph, links: [] })));
  await surveyed(page);
  await page.locator(".run").click();
  await page.locator(".popup.problems").waitFor();
  await press(page, "Control+z");
  await surveyed(page);
  await expect.poll(() => page.locator(".popup.problems").count()).toBe(0);
  await page.context().close();
});

test("Escape closes what is topmost, and nothing below it", async () => {
  const page = await stage.visit();
  await open(page, "Guided DDIM");
  await click(page, "Condition Score");
  const below = () => page.evaluate(() => [guidegraph.selection.size, guidegraph.tab.level.length]);
  const before = await below();
  expect(before).toEqual([1, 2]);
  const asked = { at: [400, 300], query: "", index: 0, leaving: [{ message: "It cannot" }], label: "All", value: "" };
  for (const is of [
    ...["palette", "find", "kept", "problems", "queue", "settings", "shortcuts", "workers", "menu", "rename"],
  ]) {
    await page.evaluate(
      (overlay) => {
        const more = { items: [{ label: "One", run() {} }], box: [400, 300, 100, 30], commit() {} };
        guidegraph.apply((state: object) => ({ ...state, overlay: { ...overlay, ...more } }));
      },
      { ...asked, is },
    );
    await page.locator(".popup, .dialog").waitFor();
    await settled(page);
    await press(page, "Escape");
    await expect.poll(() => page.locator(".popup, .dialog").count(), { message: is }).toBe(0);
    expect(await below(), is).toEqual(before);
  }
  // So it does with a panel that lies over the canvas.
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("button", { name: "Inspector" }).click();
  await page.locator(".inspector").waitFor();
  await press(page, "Escape");
  await expect.poll(() => page.locator(".inspector").count()).toBe(0);
  expect(await below()).toEqual(before);
  await press(page, "Escape");
  expect(await below()).toEqual([0, 2]);
  await page.context().close();
});

test("a wire is followed over the cards that it runs behind, while the pointer is on it or its slot", async () => {
  const page = await stage.visit();
  // A card is put half way along a wire of another two.
  const [from, to] = [
    await slotOf(page, "Load UNet", "output", "model"),
    await slotOf(page, "Guided DDIM", "input", "model"),
  ];
  const middle = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2] as const;
  await page.evaluate((middle) => {
    const { canvas } = guidegraph;
    const card = [...canvas.cards.values()].find((one: { look: { title: string } }) => one.look.title === "Save NPZ");
    const [x, y] = canvas.toCanvas(middle);
    guidegraph.edit((graph: { nodes: { id: number }[] }) => ({
      ...graph,
      nodes: graph.nodes.map((node) => (node.id === card.id ? { ...node, pos: [x - 40, y - 44] } : node)),
    }));
  }, middle);
  await settled(page);
  const colours = () =>
    page.evaluate(([x, y]) => {
      const { element } = guidegraph.canvas;
      const { left, top } = element.getBoundingClientRect();
      const place = [x - left - 20, y - top - 12, 40, 24].map((at) => at * devicePixelRatio);
      return element
        .getContext("2d")
        .getImageData(...place)
        .data.join();
    }, middle);
  await page.mouse.move(...(await headOf(page, "Grid")));
  await settled(page);
  const before = await colours();
  for (const at of [[from[0] + 16, from[1]] as const, to]) {
    await page.mouse.move(...at);
    await settled(page);
    expect(await colours()).not.toBe(before);
    await page.mouse.move(...(await headOf(page, "Grid")));
    await settled(page);
    expect(await colours()).toBe(before);
  }
  await page.context().close();
});
