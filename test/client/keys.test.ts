/** Every key of the editor, pressed: a command without a case here does not compile, and the page of shortcuts lists just these. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CommandName } from "../../client/actions/commands.ts";
import { readDocument } from "../../graphs/document/index.ts";
import { openStage, type Stage } from "./support/browser.ts";
import { linkTo, small } from "./support/graphs.ts";
import { begun, click, drag, fileText, headOf, open, press, rowOf, settled } from "./support/hands.ts";

let stage: Stage;
let page: Page;
beforeAll(async () => {
  stage = await openStage();
  page = await stage.visit(linkTo(small("guided-ddim", "ddim25")));
  await begun(page);
  await settled(page);
  await page.evaluate("globalThis.first = guidegraph.state");
});
afterAll(() => stage?.close());

// biome-ignore lint/suspicious/noExplicitAny: the editor's state in the page, which is not typed here.
type Editor = any;
const ask = <T>(what: (editor: Editor) => T): Promise<T> => page.evaluate(`(${what})(guidegraph)`) as Promise<T>;
const document = async () => readDocument(await fileText(page));
const titled = async (title: string) => (await document()).nodes.find((node) => (node.title ?? node.type) === title);
const selected = (): Promise<string[]> =>
  ask(({ selection, canvas }) => [...selection].map((id) => canvas.card(id).look.title));
const count = async () => (await document()).nodes.length;
const overlay = () => ask(({ state }) => state.overlay?.is);
const request = (method: string) =>
  page.waitForRequest((one) => one.method() === method && one.url().includes("/api/runs"));

interface Case {
  /** As the page of shortcuts shows them; each is pressed. */
  readonly keys: readonly string[];
  /** `press` the key: what was so before must be otherwise afterwards. */
  readonly shows: (press: () => Promise<void>) => Promise<void>;
}

/** A mode, or the like, of the node Noise, before and after. */
const onNoise =
  (read: (node: NonNullable<Awaited<ReturnType<typeof titled>>>) => unknown, after: unknown) =>
  async (press: () => Promise<void>) => {
    await click(page, "Noise");
    const now = async () => read((await titled("Noise")) as never);
    expect(await now()).not.toEqual(after);
    await press();
    expect(await now()).toEqual(after);
  };

const moved = (dx: number, dy: number) => async (press: () => Promise<void>) => {
  await click(page, "Noise");
  const [x, y] = (await titled("Noise"))?.pos ?? [0, 0];
  await press();
  expect((await titled("Noise"))?.pos).toEqual([x + dx, y + dy]);
};

const folds = (panel: string) => async (press: () => Promise<void>) => {
  const before = await page.locator(panel).count();
  await press();
  expect(await page.locator(panel).count()).toBe(1 - before);
};

const zooms = (grows: boolean) => async (press: () => Promise<void>) => {
  const scale = () => ask(({ canvas }) => canvas.view.scale);
  const before = await scale();
  await press();
  expect((await scale()) > before).toBe(grows);
};

const walks = (from: string, to: string) => async (press: () => Promise<void>) => {
  await click(page, from);
  await press();
  expect(await selected()).toEqual([to]);
};

const aligned = (axis: 0 | 1) => async (pressKey: () => Promise<void>) => {
  await click(page, "Noise");
  // Wherever they were: on no line together.
  await press(page, axis === 0 ? "ArrowRight" : "ArrowDown");
  await click(page, "Wanted shape", "Shift");
  const places = async () => [(await titled("Noise"))?.pos[axis], (await titled("Wanted shape"))?.pos[axis]];
  expect(new Set(await places()).size).toBe(2);
  await pressKey();
  expect(new Set(await places()).size).toBe(1);
};

/** The node holds another that was chosen with it. */
async function grouped(press: () => Promise<void>): Promise<void> {
  await click(page, "Noise");
  await click(page, "Wanted shape", "Shift");
  await press();
}

async function copied(keys = "Control+c"): Promise<void> {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await click(page, "Noise");
  await press(page, keys);
}

const entering = async () => {
  const { nodes, links } = await document();
  const copy = nodes.at(-1);
  return links
    .filter(({ to }) => to === copy?.id)
    .map(({ input }) => input)
    .sort();
};

const cases = {
  run: {
    keys: ["Ctrl+Enter"],
    shows: async (press) => {
      const sent = request("POST");
      await press();
      expect((await sent).postDataJSON()).not.toHaveProperty("targets");
    },
  },
  runFirst: {
    keys: ["Ctrl+Shift+Enter"],
    shows: async (press) => {
      const sent = request("POST");
      await press();
      expect((await sent).postDataJSON()).toMatchObject({ first: true });
    },
  },
  runTo: {
    keys: ["Alt+Enter"],
    shows: async (press) => {
      await click(page, "Noise");
      const sent = request("POST");
      await press();
      expect((await sent).postDataJSON()).toMatchObject({ targets: [`${(await titled("Noise"))?.id}`] });
    },
  },
  cancel: {
    keys: ["Ctrl+Alt+Enter"],
    shows: async (press_) => {
      // Long enough that it still runs when the key is pressed.
      await ask((editor) => editor.apply((state: object) => ({ ...state, batches: 100 })));
      await press(page, "Control+Enter");
      await expect.poll(() => ask(({ runs }) => runs.active.length)).toBeGreaterThan(0);
      const sent = request("DELETE");
      await press_();
      await sent;
    },
  },
  queue: {
    keys: ["Q"],
    shows: async (press) => {
      await press();
      expect(await overlay()).toBe("queue");
    },
  },
  undo: {
    keys: ["Ctrl+Z"],
    shows: async (press_) => {
      const before = await fileText(page);
      await click(page, "Noise");
      await press(page, "Delete");
      expect(await fileText(page)).not.toBe(before);
      await press_();
      expect(await fileText(page)).toBe(before);
    },
  },
  redo: {
    keys: ["Ctrl+Shift+Z", "Ctrl+Y"],
    shows: async (press_) => {
      await click(page, "Noise");
      await press(page, "Delete");
      const after = await fileText(page);
      await press(page, "Control+z");
      await press_();
      expect(await fileText(page)).toBe(after);
    },
  },
  copy: {
    keys: ["Ctrl+C"],
    shows: async (press) => {
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await click(page, "Noise");
      await press();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toContain("guidegraph/gaussian-noise");
    },
  },
  cut: {
    keys: ["Ctrl+X"],
    shows: async (press) => {
      await click(page, "Noise");
      await press();
      await expect.poll(() => titled("Noise")).toBeUndefined();
    },
  },
  paste: {
    keys: ["Ctrl+V"],
    shows: async (press) => {
      await copied();
      const before = await count();
      await press();
      await expect.poll(count).toBe(before + 1);
      expect(await entering()).toEqual([]);
    },
  },
  pasteWired: {
    keys: ["Ctrl+Shift+V"],
    shows: async (press) => {
      await copied();
      const before = await count();
      await press();
      await expect.poll(count).toBe(before + 1);
      expect(await entering()).toEqual(["labels", "model", "schedule"]);
    },
  },
  duplicate: {
    keys: ["Ctrl+D"],
    shows: async (press) => {
      await click(page, "Noise");
      const before = await count();
      await press();
      expect(await count()).toBe(before + 1);
    },
  },
  remove: {
    keys: ["Delete", "Backspace"],
    shows: async (press) => {
      await click(page, "Noise");
      await press();
      expect(await titled("Noise")).toBeUndefined();
    },
  },
  all: {
    keys: ["Ctrl+A"],
    shows: async (press) => {
      await press();
      expect((await selected()).length).toBe(await count());
    },
  },
  bypass: { keys: ["Ctrl+B"], shows: onNoise(({ mode }) => mode, 4) },
  mute: { keys: ["Ctrl+M"], shows: onNoise(({ mode }) => mode, 2) },
  collapse: { keys: ["Alt+C"], shows: onNoise(({ look }) => look.collapsed, true) },
  pin: {
    keys: ["P"],
    shows: async (press_) => {
      await onNoise(({ look }) => look.pinned, true)(press_);
      const { pos } = (await titled("Noise")) ?? {};
      await press(page, "ArrowRight");
      const [x, y] = await headOf(page, "Noise");
      await drag(page, [x, y], [x + 60, y + 60]);
      expect((await titled("Noise"))?.pos).toEqual(pos);
    },
  },
  group: {
    keys: ["Ctrl+G"],
    shows: async (press) => {
      await grouped(press);
      expect((await document()).groups).toHaveLength(1);
    },
  },
  subgraph: {
    keys: ["Ctrl+Shift+G"],
    shows: async (press) => {
      await grouped(press);
      expect((await titled("Subgraph"))?.inner?.nodes.map(({ title }) => title)).toContain("Noise");
    },
  },
  dissolve: {
    keys: ["Ctrl+Shift+U"],
    shows: async (press_) => {
      await grouped(() => press(page, "Control+Shift+G"));
      await press_();
      expect(await titled("Subgraph")).toBeUndefined();
      expect(await titled("Noise")).toBeDefined();
    },
  },
  alignLeft: { keys: ["Alt+Shift+L"], shows: aligned(0) },
  alignTop: { keys: ["Alt+Shift+T"], shows: aligned(1) },
  tidy: {
    keys: ["Alt+Shift+A"],
    shows: async (press_) => {
      await click(page, "Noise");
      for (let i = 0; i < 3; i++) await press(page, "ArrowDown");
      const before = (await titled("Noise"))?.pos;
      await press_();
      expect((await titled("Noise"))?.pos).not.toEqual(before);
    },
  },
  rename: {
    keys: ["F2"],
    shows: async (press) => {
      await click(page, "Noise");
      await press();
      await page.keyboard.type("Beginning");
      await page.keyboard.press("Enter");
      await settled(page);
      expect(await titled("Beginning")).toBeDefined();
    },
  },
  findNode: {
    keys: ["Ctrl+F"],
    shows: async (press) => {
      await press();
      await page.keyboard.type("condition score");
      await page.keyboard.press("Enter");
      await settled(page);
      // It lies inside the sampler.
      expect(await ask(({ tab }) => tab.level.length)).toBeGreaterThan(0);
      expect(await selected()).toEqual(["Condition Score"]);
    },
  },
  fit: {
    keys: ["."],
    shows: async (press) => {
      await click(page, "Grid");
      const before = await ask(({ canvas }) => canvas.view.x);
      await press();
      expect(await ask(({ canvas }) => canvas.view.x)).not.toBe(before);
    },
  },
  zoomIn: { keys: ["Alt+="], shows: zooms(true) },
  zoomOut: { keys: ["Alt+-"], shows: zooms(false) },
  palette: {
    keys: ["Tab", "Space"],
    shows: async (press) => {
      await page.locator("#canvas").focus();
      await press();
      expect(await overlay()).toBe("palette");
    },
  },
  nodes: { keys: ["N"], shows: folds("aside.left") },
  inspector: { keys: ["I"], shows: folds("aside.inspector") },
  strip: {
    keys: ["J"],
    shows: async (press) => {
      const before = await ask(({ state }) => state.strip);
      await press();
      expect(await ask(({ state }) => state.strip)).toBe(!before);
    },
  },
  focus: {
    keys: ["F"],
    shows: async (press) => {
      await press();
      expect(await ask(({ state: { left, inspector, strip } }) => [left ?? false, inspector, strip])).toEqual([
        false,
        false,
        false,
      ]);
    },
  },
  save: {
    keys: ["Ctrl+S"],
    shows: async (press) => {
      const download = page.waitForEvent("download");
      await press();
      expect((await download).suggestedFilename()).toMatch(/\.json$/);
    },
  },
  open: {
    keys: ["Ctrl+O"],
    shows: async (press) => {
      // A browser opens one after what it takes for a deed of the user's only; a busy one may miss the first.
      const chosen = async () => {
        const chooser = page.waitForEvent("filechooser", { timeout: 10_000 }).catch(() => undefined);
        await press();
        return chooser;
      };
      expect(((await chosen()) ?? (await chosen()))?.isMultiple()).toBe(true);
    },
  },
  find: {
    keys: ["/"],
    shows: async (press) => {
      await press();
      await expect.poll(() => page.evaluate(() => globalThis.document.activeElement?.ariaLabel)).toBe("Find a node");
    },
  },
  round: {
    keys: ["F6", "Shift+F6"],
    shows: async (press) => {
      const here = () =>
        page.evaluate(() => globalThis.document.activeElement?.closest("header, nav, aside, main, footer")?.className);
      await page.locator("#canvas").focus();
      const before = await here();
      await press();
      expect(await here()).not.toBe(before);
    },
  },
  left: { keys: ["ArrowLeft"], shows: moved(-8, 0) },
  right: { keys: ["ArrowRight"], shows: moved(8, 0) },
  up: { keys: ["ArrowUp"], shows: moved(0, -8) },
  down: { keys: ["ArrowDown"], shows: moved(0, 8) },
  walkLeft: { keys: ["Alt+ArrowLeft"], shows: walks("Grid", "Decode Image") },
  walkRight: { keys: ["Alt+ArrowRight"], shows: walks("Noise", "Guided DDIM") },
  walkUp: {
    keys: ["Alt+ArrowUp"],
    shows: async (press) => {
      await click(page, "Build cond_fn");
      const [, y] = await headOf(page, "Build cond_fn");
      await press();
      const [id] = await ask(({ selection }) => [...selection]);
      const top = await ask(({ canvas, selection }) => canvas.toScreen(canvas.card([...selection][0]).pos)[1]);
      expect(id).toBeDefined();
      expect(top - 14).toBeLessThan(y);
    },
  },
  walkDown: {
    keys: ["Alt+ArrowDown"],
    shows: async (press) => {
      await click(page, "Noise");
      const [, y] = await headOf(page, "Noise");
      await press();
      const top = await ask(({ canvas, selection }) => canvas.toScreen(canvas.card([...selection][0]).pos)[1]);
      expect(top - 14).toBeGreaterThan(y);
    },
  },
  leave: {
    keys: ["Escape"],
    shows: async (press_) => {
      await open(page, "Guided DDIM");
      expect(await ask(({ tab }) => tab.level.length)).toBeGreaterThan(0);
      await click(page, "Predict");
      await press(page, "?");
      const depth = await ask(({ tab }) => tab.level.length);
      await press_();
      expect([await overlay(), await selected()]).toEqual([undefined, [expect.anything()]]);
      await press_();
      expect([await selected(), await ask(({ tab }) => tab.level.length)]).toEqual([[], depth]);
      await press_();
      expect(await ask(({ tab }) => tab.level.length)).toBeLessThan(depth);
    },
  },
  shortcuts: {
    keys: ["?"],
    shows: async (press) => {
      await press();
      expect(await overlay()).toBe("shortcuts");
    },
  },
  settings: {
    keys: ["Ctrl+,"],
    shows: async (press) => {
      await press();
      await page.getByRole("dialog", { name: "Settings" }).getByLabel("Theme").selectOption("light");
      expect(await page.evaluate(() => globalThis.document.documentElement.dataset.theme)).toBe("light");
      await page.getByRole("dialog", { name: "Settings" }).getByLabel("Theme").selectOption("dark");
    },
  },
} satisfies Record<CommandName, Case>;

const pressed = (keys: string) =>
  keys
    .replace("Ctrl", "Control")
    .replace(/\+([A-Z])$/, (_, key) => `+${keys.includes("Shift") ? key : key.toLowerCase()}`);

/** The same small document as at first: the editor's state is one value, so it is put back. To load the page anew takes longer. */
async function afresh(): Promise<void> {
  await page.evaluate(() => (globalThis.document.activeElement as HTMLElement | null)?.blur());
  await page.evaluate(`
    guidegraph.apply(({ arrivals }) => ({ ...first, arrivals: arrivals + 1 }));
    guidegraph.canvas.selection = new Set();
  `);
  await settled(page);
}

const all = Object.entries<Case>(cases).flatMap(([name, { keys, shows }]) =>
  keys.map((key) => [key, name, shows] as const),
);

describe("keys", () => {
  test.each(all)("%s: %s", async (key, _, shows) => {
    await afresh();
    await shows(() => press(page, pressed(key)));
  });

  test("the page of shortcuts lists just these, and what a hand does besides", async () => {
    await afresh();
    await press(page, "?");
    const rows = await page
      .locator(".dialog .columns > div")
      .evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll("kbd")].map((kbd) => kbd.textContent)));
    const caps: Record<string, string> = {
      ...{ ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc" },
    };
    const commands = Object.values<Case>(cases).map(({ keys }) =>
      keys.flatMap((key) => key.split("+").map((part) => caps[part] ?? part)),
    );
    expect(rows.slice(0, commands.length)).toEqual(commands);
    expect(rows.slice(commands.length)).toEqual([
      ["Double-click"],
      ["Drag a slot"],
      ["Click a wire"],
      ["Alt", "Click a wire"],
      ["Ctrl", "Click", "Shift", "Click"],
      ["Ctrl", "Drag"],
      ["Space", "Drag", "Middle button"],
      ["Right-click", "Shift", "F10"],
    ]);
  });
});

describe("what floats with a field to type in", () => {
  const all: Record<string, { open: () => Promise<void>; box: string }> = {
    "the finder": { open: () => press(page, "Tab"), box: ".palette" },
    "find in the graph": { open: () => press(page, "Control+f"), box: ".palette.find" },
  };
  const query = (box: string) => page.locator(`${box} input`).inputValue();
  for (const [title, { open, box }] of Object.entries(all))
    test(`${title} keeps the keys, wherever beside its field one clicks, and however the focus is lost`, async () => {
      await afresh();
      await click(page, "Noise");
      await open();
      const inGraph = () => ask(({ graph }) => graph.nodes.length);
      const nodes = await inGraph();
      const { x, y, width } = (await page.locator(`${box} .search`).boundingBox()) ?? { x: 0, y: 0, width: 0 };
      await page.mouse.click(x + width / 2, y + 3);
      await page.locator(`${box} footer`).click();
      await page.keyboard.type("ni");
      expect(await query(box)).toBe("ni");
      await page.evaluate(() => (globalThis.document.activeElement as HTMLElement).blur());
      await page.keyboard.type("i");
      await page.evaluate(() => (globalThis.document.activeElement as HTMLElement).blur());
      await page.keyboard.press("Delete");
      expect([await query(box), await page.locator(".inspector").count(), await inGraph()]).toEqual(["nii", 1, nodes]);
      await page.evaluate(() => (globalThis.document.activeElement as HTMLElement).blur());
      await page.keyboard.press("Escape");
      expect(await overlay()).toBeUndefined();
    });

  test("a number that cannot be taken is refused in words, and stays to be corrected", async () => {
    await afresh();
    const seed = async () => (await titled("Noise"))?.properties.seed;
    const before = await seed();
    await page.mouse.click(...(await rowOf(page, "Noise", "seed")));
    for (const refused of ["abc", "-5"]) {
      await page.locator(".popup.over input").fill(refused);
      for (const key of ["Enter", "Tab", "Control+Enter"]) {
        await page.keyboard.press(key);
        expect(await page.locator(".popup.over .refused").textContent()).toMatch(
          /^It must be a whole number from 0 to/,
        );
        expect(await page.locator(".popup.over input").inputValue()).toBe(refused);
      }
    }
    await page.mouse.click(...(await headOf(page, "Noise")));
    expect(await page.locator(".notice").textContent()).toMatch(/seed stays .* It must be .*, not -5/);
    const field = page.locator(".inspector").getByLabel("seed", { exact: true });
    await field.fill("2.5");
    await page.keyboard.press("Enter");
    expect(await page.locator(".inspector .refused:not(:empty)").textContent()).toMatch(/, not 2.5$/);
    expect(await seed()).toBe(before);
    await field.fill("2");
    await page.keyboard.press("Enter");
    expect([await seed(), await page.locator(".inspector .refused:not(:empty)").count()]).toEqual([2, 0]);
  });
});

describe("gestures", () => {
  test("Ctrl or Shift and a click add to the selection; Ctrl and a drag select a box; Space held pans", async () => {
    await afresh();
    await click(page, "Noise");
    await click(page, "Grid", "Shift");
    expect(await selected()).toHaveLength(2);
    await page.keyboard.down("Control");
    await page.mouse.click(...(await headOf(page, "Load UNet")));
    await page.keyboard.up("Control");
    expect(await selected()).toHaveLength(3);
    const { left, top, right, bottom } = await page
      .locator("#canvas")
      .evaluate((canvas) => canvas.getBoundingClientRect().toJSON());
    await page.keyboard.down("Control");
    await drag(page, [left + 12, top + 60], [right - 12, bottom - 12]);
    await page.keyboard.up("Control");
    expect((await selected()).length).toBe(await count());
    const before = await ask(({ canvas }) => canvas.view.x);
    await page.keyboard.down("Space");
    await drag(page, await headOf(page, "Noise"), [700, 500]);
    await page.keyboard.up("Space");
    expect(await ask(({ canvas }) => canvas.view.x)).not.toBe(before);
    expect(await overlay()).toBeUndefined();
  });
});
