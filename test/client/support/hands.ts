/** What a person does with a mouse, by the names of nodes and slots. Only places are asked of the page; every change is an event. */
import type { Page } from "playwright-core";

type Point = [number, number];

// biome-ignore lint/suspicious/noExplicitAny: the editor's state in the page, which is not typed here.
type Editor = any;
declare const guidegraph: Editor;

/** The node of the level one looks at, by its title as the card shows it. */
export const nodeId = (page: Page, title: string): Promise<number> =>
  page.evaluate((title) => {
    const card = [...guidegraph.canvas.cards.values()].find((one: Editor) => one.look.title === title);
    if (!card) throw new Error(`No card is called ${title}`);
    return (card as Editor).id;
  }, title);

export const headOf = (page: Page, title: string): Promise<Point> =>
  nodeId(page, title).then((id) =>
    page.evaluate((id) => {
      const { pos } = guidegraph.canvas.card(id);
      return guidegraph.canvas.toScreen([pos[0] + 50, pos[1] - 14]) as Point;
    }, id),
  );

export const slotOf = (page: Page, title: string, side: "input" | "output", name: string): Promise<Point> =>
  nodeId(page, title).then((id) =>
    page.evaluate(
      ({ id, side, name }) => {
        const card = guidegraph.canvas.card(id);
        const index = card[`${side}s`].findIndex((slot: Editor) => slot.name === name);
        if (index < 0) throw new Error(`${card.look.title} has no ${side} ${name}`);
        return [...guidegraph.canvas.toScreen([...card.getConnectionPos(side === "input", index)])] as Point;
      },
      { id, side, name },
    ),
  );

/** The middle of a parameter's field on its card, in the window. */
export const rowOf = (page: Page, title: string, name: string): Promise<Point> =>
  nodeId(page, title).then((id) =>
    page.evaluate(
      ({ id, name }) => {
        const card = guidegraph.canvas.card(id);
        const row = card.look.rows.findIndex((one: Editor) => one.name === name);
        const [x, y, w, h] = card.field(row);
        return [...guidegraph.canvas.toScreen([card.pos[0] + x + w / 2, card.pos[1] + y + h / 2])] as Point;
      },
      { id, name },
    ),
  );

/** A place of the canvas with room for a card: nothing is near it. */
export const freeSpot = (page: Page): Promise<Point> =>
  page.evaluate(() => {
    const { canvas } = guidegraph;
    const { left, top, right, bottom } = canvas.element.getBoundingClientRect();
    const boxes = canvas.boxes().map(([x, y, width, height]: number[]) => {
      const [a, b] = [canvas.toScreen([x, y]), canvas.toScreen([x + width, y + height])];
      return { left: a[0], top: a[1], right: b[0], bottom: b[1] };
    });
    // In this corner the map appears when a card lies out of sight; what is under it cannot be pressed.
    boxes.push({ left: right - 200, top: bottom - 140, right, bottom });
    for (let x = right - 260; x > left + 20; x -= 20)
      for (let y = bottom - 60; y > top + 100; y -= 20)
        // A palette's card hangs down and to the right of the spot.
        if (
          boxes.every(
            (box: DOMRect) => box.left > x + 200 || box.right < x - 20 || box.top > y + 40 || box.bottom < y - 20,
          )
        )
          return [x, y] as Point;
    throw new Error("The canvas has no free place");
  });

export async function drag(page: Page, from: Point, to: Point, drop = true): Promise<void> {
  await page.mouse.move(...from);
  await page.mouse.down();
  await page.mouse.move(from[0] + 8, from[1] + 8);
  await page.mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2);
  await page.mouse.move(...to);
  await surveyed(page);
  if (drop) await page.mouse.up();
  await surveyed(page);
}

/** The editor has begun: a page is loaded before its script has asked the server who may enter. */
export const begun = (page: Page) =>
  page.waitForFunction(() => "guidegraph" in window && guidegraph.state.ready, undefined, { timeout: 60_000 });

/** What the editor can know of the document as it is, it knows, and shows. */
export async function surveyed(page: Page): Promise<void> {
  await begun(page);
  await page.waitForFunction(() => guidegraph.surveys?.settled, undefined, { timeout: 60_000 });
  await settled(page);
}

export const wire = async (
  page: Page,
  [from, output]: [string, string],
  [to, input]: [string, string],
  drop = true,
): Promise<void> =>
  drag(page, await slotOf(page, from, "output", output), await slotOf(page, to, "input", input), drop);

/** Half way along the wire between two slots, where it does not run backwards. */
export async function wireBetween(page: Page, from: [string, string], to: [string, string]): Promise<Point> {
  const [[ax, ay], [bx, by]] = [
    await slotOf(page, from[0], "output", from[1]),
    await slotOf(page, to[0], "input", to[1]),
  ];
  return [(ax + bx) / 2, (ay + by) / 2];
}

export async function open(page: Page, title: string): Promise<void> {
  await page.mouse.dblclick(...(await headOf(page, title)));
  await settled(page);
}

export async function click(page: Page, title: string, key?: "Shift"): Promise<void> {
  if (key) await page.keyboard.down(key);
  await page.mouse.click(...(await headOf(page, title)));
  if (key) await page.keyboard.up(key);
  await settled(page);
}

/** Two frames: what changed is drawn. */
export const settled = (page: Page): Promise<void> =>
  page.evaluate(
    () => new Promise<void>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))),
  );

export async function press(page: Page, keys: string): Promise<void> {
  await page.keyboard.press(keys);
  await settled(page);
}

/** The open document, as the file has it. */
export const fileText = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const [download] = await new Promise<[Blob]>((resolve) => {
      const make = URL.createObjectURL;
      URL.createObjectURL = (blob) => {
        URL.createObjectURL = make;
        resolve([blob as Blob]);
        return "data:,";
      };
      dispatchEvent(new KeyboardEvent("keydown", { key: "s", ctrlKey: true }));
      // One that nobody has named asks for its name first.
      const { overlay } = guidegraph.state;
      if (overlay?.is === "rename") overlay.otherwise();
    });
    return download.text();
  });

/** What a run came to: its state, once it has ended. */
export async function ran(
  page: Page,
  timeout = 100_000,
): Promise<{ state: string; id: string; outputs: { name: string; mime: string; sha256: string }[] }> {
  await page.waitForFunction(
    () => {
      const run = guidegraph.runs.byId.get(guidegraph.tab.run);
      return run && ["succeeded", "failed", "cancelled", "interrupted"].includes(run.summary.state);
    },
    undefined,
    { timeout },
  );
  return page.evaluate(() => guidegraph.runs.byId.get(guidegraph.tab.run).summary);
}

/** Starts a run as a person does, and waits until the server has it. */
export async function run(page: Page): Promise<void> {
  const before = await page.evaluate(() => [guidegraph.tab.run, guidegraph.tab.next.length]);
  await page.keyboard.press("Control+Enter");
  await page.waitForFunction(
    ([run, waiting]) =>
      guidegraph.tab.run !== run || guidegraph.tab.next.length > waiting || guidegraph.tab.problems.length > 0,
    before,
    { timeout: 60_000 },
  );
  await settled(page);
}

export const statusOf = (page: Page, title: string): Promise<{ state: string; message?: string; port?: string }> =>
  nodeId(page, title).then((id) => page.evaluate((id) => guidegraph.canvas.live(id).status, id));

/** Drops files together on a place of the window; what lies there gets them. */
export async function dropFiles(
  page: Page,
  files: readonly (readonly [name: string, bytes: Uint8Array])[],
  at: Point = [700, 400],
): Promise<void> {
  await page.evaluate(
    ({ files, at: [clientX, clientY] }) => {
      const dataTransfer = new DataTransfer();
      for (const [name, base64] of files)
        dataTransfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
      const where = { clientX, clientY, bubbles: true, cancelable: true };
      const target = document.elementFromPoint(clientX, clientY) ?? document.body;
      target.dispatchEvent(new DragEvent("drop", { dataTransfer, ...where }));
    },
    { files: files.map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")] as const), at },
  );
}

/** Drops a file on the canvas. */
export const dropFile = (page: Page, name: string, bytes: Uint8Array): Promise<void> =>
  dropFiles(page, [[name, bytes]]);
