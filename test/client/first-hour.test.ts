/** What a person does in the first hour, sentence by sentence, in one page. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentBuilder } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { openStage, type Stage } from "./support/browser.ts";
import { linkTo, small } from "./support/graphs.ts";
import { begun, click, drag, freeSpot, headOf, nodeId, press, ran, rowOf, run, settled } from "./support/hands.ts";

// biome-ignore lint/suspicious/noExplicitAny: the editor's state in the page, which is not typed here.
type Editor = any;

let stage: Stage;
let page: Page;
beforeAll(async () => {
  stage = await openStage();
  page = await stage.visit();
});
afterAll(() => stage?.close());

const ask = <T>(what: (editor: Editor) => T): Promise<T> => page.evaluate(`(${what})(guidegraph)`) as Promise<T>;
let visits = 0;
async function afresh(classes = "3"): Promise<void> {
  await page.goto(`${stage.url}/?${visits++}${linkTo(small("guided-ddim", "ddim2", classes)).slice(1)}`);
  await begun(page);
  await settled(page);
}
const steps = () => ask(({ tab }) => tab.history.past.length as number);

describe("keys and focus", () => {
  test("Tab on a fresh page goes from control to control, and past the canvas", async () => {
    await afresh();
    const tags = new Set<string>();
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press("Tab");
      tags.add(await page.evaluate(() => document.activeElement?.id || (document.activeElement?.tagName ?? "")));
    }
    expect(await ask(({ state }) => state.overlay?.is)).toBeUndefined();
    expect([...tags]).toEqual(expect.arrayContaining(["BUTTON", "canvas", "INPUT"]));
  });

  test("Delete works after a click on a tab", async () => {
    await afresh();
    await click(page, "Noise");
    await page.locator(".tab[data-active=true] [role=tab]").click();
    await settled(page);
    await press(page, "Delete");
    expect(await ask(({ graph }) => graph.nodes.some(({ type }: Editor) => type === "guidegraph/gaussian-noise"))).toBe(
      false,
    );
  });

  test("Enter in a number on a card is one undo step, Tab goes to the next field, and an expression is a number", async () => {
    await afresh();
    const before = await steps();
    await page.mouse.click(...(await rowOf(page, "Noise", "seed")));
    await settled(page);
    await page.keyboard.type("2^5 + 1");
    await page.keyboard.press("Enter");
    await settled(page);
    expect(await steps()).toBe(before + 1);
    await page.mouse.click(...(await rowOf(page, "Noise", "seed")));
    await settled(page);
    await page.keyboard.press("Tab");
    await settled(page);
    const field = await ask(({ state }) => [state.overlay?.is, state.overlay?.name]);
    expect(field[0]).toBe("field");
    expect(field[1]).toBe("generator");
    expect(await steps()).toBe(before + 1);
    await press(page, "Escape");
  });

  test("what was typed on a card is taken by a press elsewhere", async () => {
    await page.mouse.click(...(await rowOf(page, "Noise", "seed")));
    await settled(page);
    await page.keyboard.type("77");
    await page.mouse.click(...(await freeSpot(page)));
    await settled(page);
    const seed = ({ type, properties }: Editor) => (type === "guidegraph/gaussian-noise" ? [properties.seed] : []);
    expect(await page.evaluate(`guidegraph.graph.nodes.flatMap(${seed})`)).toEqual([77]);
  });

  test("a notch of the wheel with Ctrl is a step", async () => {
    const before = await ask(({ canvas }) => canvas.view.scale as number);
    await page.mouse.move(...(await headOf(page, "Noise")));
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, -120);
    await page.keyboard.up("Control");
    await settled(page);
    const after = await ask(({ canvas }) => canvas.view.scale as number);
    expect(after / before).toBeGreaterThan(1.05);
    expect(after / before).toBeLessThan(1.25);
  });

  test("a number without a range is turned by a drag", async () => {
    await afresh();
    const [x, y] = await rowOf(page, "Noise", "seed");
    const seed = () =>
      ask(({ graph }) => graph.nodes.find(({ type }: Editor) => type === "guidegraph/gaussian-noise").properties.seed);
    const before = Number(await seed());
    await drag(page, [x, y], [x + 40, y]);
    expect(Number(await seed())).toBe(before + 10);
  });
});

describe("view and identity", () => {
  test("the view is kept over a reload", async () => {
    await afresh();
    await page.mouse.move(...(await headOf(page, "Noise")));
    await page.mouse.wheel(0, -240);
    await settled(page);
    const before = await ask(({ canvas }) => canvas.view);
    await page.reload();
    await begun(page);
    await settled(page);
    expect(await ask(({ canvas }) => canvas.view)).toEqual(before);
  });

  test("a renamed graph is the same document to its own run, and no other document's run paints it", async () => {
    await afresh();
    await run(page);
    await ran(page);
    await page.locator(".tab[data-active=true] [role=tab]").dblclick();
    await page.getByLabel("Name of the document").fill("Another name");
    await page.keyboard.press("Enter");
    await settled(page);
    expect(await ask(({ tab }) => tab.name)).toBe("another-name");
    const tabs = await page.locator(".tabs .tab").count();
    await page.locator(".run-entry").first().click();
    await settled(page);
    expect(await page.locator(".tabs .tab").count()).toBe(tabs);
    // Another document of the same title: the run is not its own.
    await afresh();
    const own = await ask(({ tab }) => tab.key);
    await page.locator(".run-entry").first().click();
    await page.waitForFunction((own) => (window as unknown as { guidegraph: Editor }).guidegraph.tab.key !== own, own);
    expect(await ask(({ tab }) => tab.name)).toBe("another-name");
    expect(
      await page.evaluate((own) => (window as unknown as { guidegraph: Editor }).guidegraph.tabBy(own).run, own),
    ).toBe(undefined);
  });
});

describe("groups and menus", () => {
  test("a group is renamed, coloured and deleted from its menu; a node's menu has Rename", async () => {
    await afresh();
    await click(page, "Noise");
    await press(page, "Control+g");
    await press(page, "Escape");
    const menu = async (item: string) => {
      const at = await ask(({ canvas, graph }) => {
        const [x, y] = graph.groups[0].bounding;
        return canvas.toScreen([x + 40, y + 10]);
      });
      await page.mouse.click(...(at as [number, number]), { button: "right" });
      await page.getByRole("menu", { name: "Group" }).getByText(item).click();
      await settled(page);
    };
    await menu("Rename");
    await page.keyboard.type("Start");
    await press(page, "Enter");
    await menu("Blue");
    expect(await ask(({ graph }) => graph.groups[0])).toMatchObject({ title: "Start", color: "#8888aa" });
    await menu("Delete the group");
    expect(await ask(({ graph }) => [graph.groups.length, graph.nodes.length > 3])).toEqual([0, true]);
    await page.mouse.click(...(await headOf(page, "Noise")), { button: "right" });
    await page.getByRole("menu", { name: "Node" }).getByText("Rename").click();
    await settled(page);
    await page.keyboard.type("Beginning");
    await page.keyboard.press("Enter");
    await settled(page);
    expect(await nodeId(page, "Beginning")).toBeGreaterThan(0);
  });
});

test("an untitled document is asked for its name once, when it is saved", async () => {
  await page.getByRole("button", { name: "New document" }).click();
  await settled(page);
  await press(page, "Control+s");
  const saved = page.waitForEvent("download");
  await page.getByLabel("Name of the document").fill("My graph");
  await page.keyboard.press("Enter");
  expect((await saved).suggestedFilename()).toBe("my-graph.json");
  const again = page.waitForEvent("download");
  await press(page, "Control+s");
  expect((await again).suggestedFilename()).toBe("my-graph.json");
});

test("a graph is exported as an archive, and what is left out is said", async () => {
  const b = documentBuilder(nodes, { title: "Noise alone" });
  const x = b.add("guidegraph/gaussian-noise", { height: 8 }).out("x_T");
  b.add("guidegraph/save-npz", { images: b.add("guidegraph/decode-image", { x }).out("image") });
  await page.goto(`${stage.url}/?${visits++}${linkTo(b.document()).slice(1)}`);
  await begun(page);
  await settled(page);
  await page.mouse.click(...(await freeSpot(page)), { button: "right" });
  const saved = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: "Export as ONNX" }).click();
  expect((await saved).suggestedFilename()).toBe("noise-alone-onnx.zip");
  const told = () => page.locator(".notice").textContent();
  await expect.poll(told).toMatch(/is exported.*“Save NPZ” is left out: it saves a file/s);
});

test("what keeps a graph from being exported is listed, and a click goes there", async () => {
  const b = documentBuilder(nodes, { title: "What was before" });
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim3" }).out("schedule");
  const x = b.add("guidegraph/gaussian-noise", { height: 8 }).out("x_T");
  const loop = b.loop("Before", { schedule, x }, (inner) => {
    const x = inner.input("x", "tensor");
    const chosen = inner.add("guidegraph/switch", { a: inner.input("before", "tensor"), b: x, condition: 1 });
    inner.output("x", "tensor", chosen.out("tensor"));
    inner.output("before", "tensor", x);
  });
  b.add("guidegraph/save-png", { images: b.add("guidegraph/decode-image", { x: loop.out("x") }).out("image") });
  await page.goto(`${stage.url}/?${visits++}${linkTo(b.document()).slice(1)}`);
  await begun(page);
  await settled(page);
  await page.getByRole("button", { name: "Files", exact: true }).click();
  await page.getByRole("button", { name: "Export as ONNX" }).click();
  const list = page.getByRole("dialog", { name: "What keeps this graph from being exported" });
  await list.waitFor();
  await list.getByRole("button", { name: /Switch.*Cannot choose a in the first step/s }).click();
  await list.waitFor({ state: "detached" });
  const selected = await page.evaluate(() => {
    const { tab } = (window as unknown as { guidegraph: Editor }).guidegraph;
    return { depth: tab.level.length, selected: tab.selection.size };
  });
  expect(selected).toEqual({ depth: 1, selected: 1 });
  // It runs all the same.
  expect(await page.locator(".run").textContent()).toContain("Run");
  await page.getByRole("button", { name: "Files", exact: true }).click();
});

describe("runs", () => {
  test("nothing moves by itself while a run begins, and without Save PNG its preview is its thumbnail", async () => {
    await afresh();
    const savers = await ask(({ graph }) =>
      graph.nodes.filter(({ type }: Editor) => /save/.test(type)).map(({ id }: Editor) => id),
    );
    await page.evaluate((ids) => (window as unknown as { guidegraph: Editor }).guidegraph.select(new Set(ids)), savers);
    await press(page, "Delete");
    const places = () =>
      page.evaluate(() => {
        const { x, y, scale } = (window as unknown as { guidegraph: Editor }).guidegraph.canvas.view;
        const at = [".run", ".stepper", ".tabs", ".crumbs", ".zoom"].map((selector) => {
          const box = document.querySelector(selector)?.getBoundingClientRect();
          return [selector, box?.left, box?.top];
        });
        return { view: [x, y, scale], at };
      });
    const before = await places();
    await run(page);
    expect(await places()).toEqual(before);
    await ran(page);
    await settled(page);
    expect(await places()).toEqual(before);
    await page.locator(".run-entry").first().locator("canvas.thumb").waitFor();
  });

  test("a seed that is new after each run is another in the second, and its card says so", async () => {
    await page.mouse.click(...(await rowOf(page, "Noise", "seed")));
    await settled(page);
    await page.locator(".popup").getByRole("button", { name: "New after each run" }).click();
    await press(page, "Escape");
    const seed = () =>
      ask(({ graph }) => graph.nodes.find(({ type }: Editor) => type === "guidegraph/gaussian-noise").properties.seed);
    const before = await seed();
    await run(page);
    await ran(page);
    expect(await seed()).not.toBe(before);
    const id = await nodeId(page, "Noise");
    const shown = await page.evaluate((id) => {
      const { rows } = (window as unknown as { guidegraph: Editor }).guidegraph.canvas.card(id).look;
      return rows.find(({ name }: Editor) => name === "seed").shown;
    }, id);
    expect(shown).toBe(`↻ ${await seed()}`);
  });
});

describe("results", () => {
  test("a picture opens large, goes with the arrows, and is saved; runs are found, and one is deleted with undo", async () => {
    await afresh();
    await page.getByRole("button", { name: "More batches" }).click();
    await run(page);
    await ran(page);
    await page.getByRole("button", { name: "Fewer batches" }).click();
    const count = await page.locator(".run-entry").count();
    await page.locator(".run-entry").first().dblclick();
    const image = page.locator(".viewer img");
    await image.waitFor();
    await page.waitForFunction(() => (document.querySelector(".viewer img") as HTMLImageElement)?.style.width !== "");
    const size = await image.evaluate((one: HTMLImageElement) => [
      one.clientWidth / one.naturalWidth,
      one.clientHeight,
    ]);
    expect(size[0]).toBe(Math.floor(size[0]));
    const first = await page.locator(".viewer h2").textContent();
    await press(page, "ArrowRight");
    expect(await page.locator(".viewer h2").textContent()).not.toBe(first);
    await press(page, "ArrowLeft");
    expect(await page.locator(".viewer h2").textContent()).toBe(first);
    expect(await page.locator(".viewer .what").textContent()).toBe("star");
    const saved = page.waitForEvent("download");
    await page.locator(".viewer").getByRole("button", { name: "Save" }).click();
    expect((await saved).suggestedFilename()).toMatch(/\.png$/);
    await press(page, "Escape");
    await page.locator(".run-entry").first().click({ button: "right" });
    const array = page.waitForEvent("download");
    await page.getByRole("menuitem", { name: /^Save .*\.npz$/ }).click();
    expect((await array).suggestedFilename()).toMatch(/\.npz$/);
    await page.getByLabel("Find a run").fill("no such run");
    await settled(page);
    expect(await page.locator(".run-entry").count()).toBe(0);
    await page.getByLabel("Find a run").fill("");
    await settled(page);
    await page.locator(".run-entry").first().click({ button: "right" });
    await page.getByRole("menuitem", { name: "Delete it with its files" }).click();
    await expect.poll(() => page.locator(".run-entry").count()).toBe(count - 1);
    await page.locator(".notice").getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => page.locator(".run-entry").count()).toBe(count);
    // Later, out of the trash; what is removed there is gone.
    const remove = async () => {
      await page.locator(".run-entry").first().click({ button: "right" });
      await page.getByRole("menuitem", { name: "Delete it with its files" }).click();
      await expect.poll(() => page.locator(".run-entry").count()).toBe(count - 1);
      await page.getByRole("button", { name: "What is kept" }).click();
    };
    const kept = page.getByRole("dialog", { name: "What is kept" });
    await remove();
    await kept.getByText(/run.? with files/).waitFor();
    expect(await kept.locator("dl").textContent()).toMatch(/with files\d.*models\d/s);
    await kept.getByRole("button", { name: /^Bring back run/ }).click();
    await kept.getByText("Nothing is in it.").waitFor();
    await expect.poll(() => page.locator(".run-entry").count()).toBe(count);
    await press(page, "Escape");
    await remove();
    await kept.getByRole("button", { name: "Empty the trash, for good" }).click();
    await kept.getByText("Nothing is in it.").waitFor();
    await press(page, "Escape");
    expect(await page.locator(".run-entry").count()).toBe(count - 1);
  });

  test("a picture has the class that was drawn for it, and a run opens its document after that was renamed and closed", async () => {
    await afresh("");
    await run(page);
    await ran(page);
    await page.locator(".run-entry").first().dblclick();
    const names = await ask(
      ({ state }) => state.models.find(({ id }: Editor) => /shape_classifier/.test(id)).facts.classNames,
    );
    await expect.poll(() => page.locator(".viewer .what").textContent()).toMatch(new RegExp(`^(${names.join("|")})$`));
    await press(page, "Escape");
    await page.locator(".tab[data-active=true] [role=tab]").dblclick();
    await page.getByLabel("Name of the document").fill("Drawn by chance");
    await page.keyboard.press("Enter");
    // Closed at once, it is saved.
    await page.getByRole("button", { name: "Close drawn-by-chance" }).click();
    await expect.poll(() => page.evaluate(async () => (await fetch("/api/graphs/drawn-by-chance")).status)).toBe(200);
    await page.locator(".run-entry").first().click();
    await expect.poll(() => ask(({ tab }) => tab?.name)).toBe("drawn-by-chance");
  });
});

describe("chrome", () => {
  test("names of strangers keep their letters", async () => {
    const widths = await ask(({ canvas }) => {
      const ctx = canvas.element.getContext("2d");
      ctx.font = '500 30px "Inter Variable"';
      return [ctx.measureText("64x64").width, ctx.measureText("64\u00d764").width];
    });
    expect(widths[0]).not.toBe(widths[1]);
    expect(await page.evaluate(() => getComputedStyle(document.body).fontFeatureSettings)).toContain('"calt" 0');
  });

  test("the theme follows the system when one wants it to", async () => {
    await press(page, "Control+,");
    await page.locator(".settings select").selectOption("system");
    await page.emulateMedia({ colorScheme: "light" });
    await page.waitForFunction(() => document.documentElement.dataset.theme === "light");
    await page.emulateMedia({ colorScheme: "dark" });
    await page.waitForFunction(() => document.documentElement.dataset.theme === "dark");
    await page.locator(".settings select").selectOption("dark");
    await press(page, "Escape");
  });

  test("with colours that the system forces, what was told by a ground is told by an edge, and pictures keep their own", async () => {
    await page.emulateMedia({ forcedColors: "active" });
    const looks = await page.evaluate(() => {
      const of = (selector: string) => getComputedStyle(document.querySelector(selector) as Element);
      const { borderStyle, borderWidth } = of(".run");
      const { outlineStyle, outlineWidth } = of(".tab[data-active=true]");
      return [borderStyle, borderWidth, outlineStyle, outlineWidth, of("canvas#canvas").forcedColorAdjust];
    });
    await page.emulateMedia({ forcedColors: "none" });
    expect(looks).toEqual(["solid", "1px", "solid", "2px", "none"]);
  });

  test("a file that has come since is in the list when one looks for it", async () => {
    const body = await page.evaluate(async () => {
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height = 8;
      const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
      const sent = await fetch("/api/images?name=fresh.png", { method: "POST", body: blob });
      return sent.status;
    });
    expect(body).toBe(201);
    await page.waitForTimeout(1_600);
    await page.getByRole("button", { name: "Files", exact: true }).click();
    await page.waitForFunction(() =>
      (window as unknown as { guidegraph: Editor }).guidegraph.state.images.some(({ id }: Editor) => /fresh/.test(id)),
    );
    await page.getByRole("button", { name: "Files", exact: true }).click();
  });

  test("on a telephone the bar is one row, and menus, notices and the page of shortcuts are on the screen", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await settled(page);
    const boxOf = async (selector: string) => {
      const box = await page.locator(selector).first().boundingBox();
      if (!box) throw new Error(`${selector} is not there`);
      return box;
    };
    const inside = ({ x, y, width, height }: Awaited<ReturnType<typeof boxOf>>) =>
      x >= 0 && y >= 0 && x + width <= 390 && y + height <= 844;
    expect((await boxOf("header.top")).height).toBeLessThan(60);
    for (const selector of [".run", ".badge", ".stepper", ".tab[data-active=true]"])
      expect([selector, inside(await boxOf(selector))]).toEqual([selector, true]);
    const id = await ask(({ canvas }) => [...canvas.cards.keys()][0] as number);
    await page.evaluate((id) => {
      const { canvas } = (window as unknown as { guidegraph: Editor }).guidegraph;
      canvas.host.menu({ screen: [380, 830], canvas: [0, 0] }, { on: "node", id });
    }, id);
    await settled(page);
    expect(inside(await boxOf(".menu"))).toBe(true);
    await press(page, "Escape");
    await press(page, "?");
    expect(inside(await boxOf(".dialog"))).toBe(true);
    await press(page, "Escape");
    await ask((editor) => editor.say({ text: "A sentence of some length", more: "and another ".repeat(12) }));
    await settled(page);
    expect(inside(await boxOf(".notice"))).toBe(true);
    await page.setViewportSize({ width: 1440, height: 900 });
  });
});
