/** Reroutes and notes under a person's hands, in a real browser. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { contentHash, type GraphDocument, readDocument } from "../../graphs/document/index.ts";
import { openStage, type Stage } from "./support/browser.ts";
import { example } from "./support/graphs.ts";
import {
  drag,
  fileText,
  freeSpot,
  headOf,
  nodeId,
  open,
  press,
  settled,
  slotOf,
  wire,
  wireBetween,
} from "./support/hands.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());

const documentIn = async (page: Page): Promise<GraphDocument> => readDocument(await fileText(page));
const reroutesOf = ({ nodes }: GraphDocument) => nodes.filter(({ type }) => type === "guidegraph/reroute");
const condFn: [[string, string], [string, string]] = [
  ["Build cond_fn", "cond_fn"],
  ["Guided DDIM", "cond_fn"],
];

async function altClick(page: Page, [x, y]: [number, number], drop: [number, number] = [x, y]): Promise<void> {
  await page.keyboard.down("Alt");
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move((x + drop[0]) / 2, (y + drop[1]) / 2);
  await page.mouse.move(...drop);
  await page.mouse.up();
  await page.keyboard.up("Alt");
  await settled(page);
}

test("Alt and a click put a point into a wire, which a pull moves in the same step; Delete heals the wire", async () => {
  const page = await stage.visit();
  const before = await documentIn(page);
  const text = await fileText(page);
  const [x, y] = await wireBetween(page, ...condFn);
  await altClick(page, [x, y], [x, y + 64]);
  const led = await documentIn(page);
  const [point] = reroutesOf(led).filter(({ id }) => !before.nodes.some((node) => node.id === id));
  expect(point.inputs).toEqual([{ name: "value", type: "cond_fn" }]);
  expect(led.links.filter(({ from, to }) => from === point.id || to === point.id)).toHaveLength(2);
  expect(contentHash(led)).toBe(contentHash(before));
  await press(page, "Delete");
  expect(contentHash(await documentIn(page))).toBe(contentHash(before));
  expect(reroutesOf(await documentIn(page))).toHaveLength(1);
  await press(page, "Control+z");
  await press(page, "Control+z");
  expect(await fileText(page)).toBe(text);
  await page.context().close();
});

test("a wire's menu leads it through a point, and the palette puts one into it", async () => {
  const page = await stage.visit();
  for (const choose of [
    () => page.getByRole("menuitem", { name: "Lead it through a point" }).click(),
    async () => {
      await page.getByRole("menuitem", { name: "Insert a node here" }).click();
      await page.keyboard.type("reroute");
      await page.keyboard.press("Enter");
    },
  ]) {
    const count = reroutesOf(await documentIn(page)).length;
    await page.mouse.click(...(await wireBetween(page, ["Noise", "noise"], ["Guided DDIM", "noise"])), {
      button: "right",
    });
    await choose();
    await settled(page);
    const document = await documentIn(page);
    expect(reroutesOf(document)).toHaveLength(count + 1);
    expect(contentHash(document)).toBe(contentHash(example("guided-ddim")));
    await press(page, "Control+z");
  }
  await page.context().close();
});

test("what does not fit where a point leads is refused there, with the name of that end", async () => {
  const page = await stage.visit();
  await altClick(page, await wireBetween(page, ...condFn));
  const before = await fileText(page);
  const point = await page.evaluate(
    () => [...(globalThis as never as { guidegraph: { selection: Set<number> } }).guidegraph.selection][0],
  );
  const target = await page.evaluate((id) => {
    const { canvas } = (
      globalThis as never as {
        guidegraph: { canvas: { card(id: number): { pos: number[] }; toScreen(at: number[]): [number, number] } };
      }
    ).guidegraph;
    const [x, y] = canvas.card(id).pos;
    return canvas.toScreen([x, y + 8]);
  }, point);
  await drag(page, await slotOf(page, "Noise", "output", "x_T"), target, false);
  expect(await page.locator(".tip").textContent()).toContain(
    "A tensor does not fit “cond_fn” of Guided DDIM, where this leads.",
  );
  await page.mouse.up();
  await settled(page);
  expect(await fileText(page)).toBe(before);
  await page.context().close();
});

test("a wire dropped in empty space may go to a point, which passes its kind and meaning on", async () => {
  const page = await stage.visit();
  await open(page, "Guided DDIM");
  await drag(page, await slotOf(page, "Guidance Gradient", "output", "gradient"), await freeSpot(page));
  await page.keyboard.type("reroute");
  await press(page, "Enter");
  const look = await page.evaluate(() => {
    const { canvas, selection } = (
      globalThis as never as {
        guidegraph: {
          selection: Set<number>;
          canvas: { card(id: number): { look: { kind: string; meaning?: string } } };
        };
      }
    ).guidegraph;
    const { kind, meaning } = canvas.card([...selection][0]).look;
    return { kind, meaning };
  });
  expect(look).toEqual({ kind: "tensor", meaning: "gradient" });
  await wire(page, ["Reroute", "value"], ["Condition Score", "prediction"], false);
  expect(await page.locator(".tip").textContent()).toContain("A gradient does not fit “prediction”.");
  await page.mouse.up();
  await wire(page, ["Reroute", "value"], ["Condition Score", "gradient"]);
  const document = await documentIn(page);
  expect(contentHash(document)).toBe(contentHash(example("guided-ddim")));
  await page.context().close();
});

test("a note is written in its place and in the inspector, and runs as wide as its edge is pulled", async () => {
  const page = await stage.visit();
  const notes = async () => (await documentIn(page)).nodes.filter(({ type }) => type === "guidegraph/note");
  const [first] = await notes();
  await page.locator("#canvas").focus();
  await press(page, "Tab");
  await page.keyboard.type("note");
  await press(page, "Enter");
  await page.getByLabel("Text of the note").waitFor();
  await page.keyboard.type("Mind the gap\nand the step");
  await press(page, "Escape");
  const [, made] = await notes();
  expect(made.properties.text).toBe("Mind the gap\nand the step");
  await page.locator(".inspector textarea").fill("Said otherwise");
  expect((await notes())[1].properties.text).toBe("Said otherwise");
  await page.mouse.click(...(await headOf(page, "Guided DDIM")));
  const id = first.id;
  const corner = await page.evaluate((id) => {
    const { canvas } = (
      globalThis as never as {
        guidegraph: { canvas: { card(id: number): { box: number[] }; toScreen(at: number[]): [number, number] } };
      }
    ).guidegraph;
    const [x, y, w, h] = canvas.card(id).box;
    return { edge: canvas.toScreen([x + w - 3, y + h / 2]), inside: canvas.toScreen([x + 40, y + h / 2]) };
  }, id);
  await drag(page, corner.edge, [corner.edge[0] - 80, corner.edge[1]]);
  const narrower = (await notes())[0].size[0];
  expect(narrower).toBeLessThan(first.size[0]);
  await press(page, "Control+z");
  expect((await notes())[0].size[0]).toBe(first.size[0]);
  await page.mouse.dblclick(...corner.inside);
  await page.getByLabel("Text of the note").waitFor();
  await page.keyboard.press("Control+End");
  await page.keyboard.type(" More.");
  await page.mouse.click(...(await headOf(page, "Guided DDIM")));
  await settled(page);
  expect((await notes())[0].properties.text).toBe(`${first.properties.text} More.`);
  await press(page, "Control+z");
  expect((await notes())[0].properties.text).toBe(first.properties.text);
  expect(await nodeId(page, "Guided DDIM")).toBeGreaterThan(0);
  await page.context().close();
});

test("a point is taken hold of by its middle and moved, and wires are pulled out of its ends", async () => {
  const page = await stage.visit();
  const [reroute] = reroutesOf(await documentIn(page));
  const boxOf = () =>
    page.evaluate((id) => {
      const { canvas } = (
        globalThis as never as {
          guidegraph: { canvas: { card(id: number): { box: number[] }; toScreen(at: number[]): [number, number] } };
        }
      ).guidegraph;
      const [x, y, w, h] = canvas.card(id).box;
      return [0, 0.5, 1].map((part) => canvas.toScreen([x + w * part, y + h / 2]));
    }, reroute.id);
  const [, middle] = await boxOf();
  await drag(page, middle, [middle[0] + 40, middle[1] + 24]);
  const [moved] = reroutesOf(await documentIn(page));
  expect(moved.pos[0]).toBeGreaterThan(reroute.pos[0]);
  const [, , end] = await boxOf();
  await drag(page, end, await slotOf(page, "Guided DDIM", "input", "labels"));
  expect((await documentIn(page)).links).toContainEqual(
    expect.objectContaining({ from: reroute.id, output: "value", input: "labels" }),
  );
  await page.context().close();
});
