/** The editor under fingers, in Chromium with a touch screen. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readDocument } from "../../graphs/document/index.ts";
import { openStage, type Stage } from "./support/browser.ts";
import { fingersOn, type Point } from "./support/fingers.ts";
import { example, linkTo } from "./support/graphs.ts";
import { fileText, headOf, nodeId, settled, slotOf, surveyed } from "./support/hands.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());

async function touched() {
  const context = await stage.browser.newContext({ viewport: { width: 1280, height: 800 }, hasTouch: true });
  const page = await stage.visit(linkTo(example("guided-ddim")), context);
  await surveyed(page);
  return { page, fingers: await fingersOn(page) };
}

// biome-ignore lint/suspicious/noExplicitAny: the editor's state in the page, which is not typed here.
declare const guidegraph: any;
const viewOf = (page: Page): Promise<{ x: number; y: number; scale: number }> =>
  page.evaluate(() => ({ ...guidegraph.canvas.view }));
/** The point of the canvas under a point of the window. */
const under = (page: Page, at: Point): Promise<Point> =>
  page.evaluate(([x, y]) => guidegraph.canvas.toCanvas([x, y]) as Point, [...at] as [number, number]);
const linksOf = async (page: Page) =>
  readDocument(await fileText(page)).links.map(({ from, output, to, input }) => `${from} ${output} ${to} ${input}`);
const off = ([x, y]: Point, dx: number, dy: number): Point => [x + dx, y + dy];
/** Where no card and no wire is. */
const empty: Point = [70, 640];

test("one finger pans, and moves a node by its head", async () => {
  const { page, fingers } = await touched();
  const before = await viewOf(page);
  await fingers.slide([empty, off(empty, 90, -60)]);
  const after = await viewOf(page);
  expect(after.scale).toBe(before.scale);
  // What a finger trembles before it counts as moving is not lost.
  expect(Math.abs((after.x - before.x) * before.scale - 90)).toBeLessThan(2);
  expect(Math.abs((after.y - before.y) * before.scale + 60)).toBeLessThan(2);
  const head = await headOf(page, "Noise");
  await fingers.slide([head, off(head, 64, 0)]);
  expect((await headOf(page, "Noise"))[0] - head[0]).toBeGreaterThan(40);
  expect((await viewOf(page)).x).toBe(after.x);
  await page.context().close();
});

test("two fingers zoom, what lies between them stays, and lifting one goes on panning", async () => {
  const { page, fingers } = await touched();
  const before = await viewOf(page);
  const middle: Point = [600, 400];
  const between = await under(page, middle);
  await fingers.slide([off(middle, -60, 0), off(middle, -120, 0)], [off(middle, 60, 0), off(middle, 120, 0)]);
  const after = await viewOf(page);
  expect(after.scale / before.scale).toBeCloseTo(2, 1);
  const still = await under(page, middle);
  expect(Math.hypot(still[0] - between[0], still[1] - between[1]) * after.scale).toBeLessThan(4);
  await fingers.slide([off(middle, -120, 0), off(middle, -60, 0)], [off(middle, 120, 0), off(middle, 60, 0)]);
  expect((await viewOf(page)).scale).toBeCloseTo(before.scale, 1);

  const first = page.evaluate(
    () => new Promise<number>((resolve) => addEventListener("pointerdown", (event) => resolve(event.pointerId), true)),
  );
  await fingers.hold([empty]);
  await fingers.hold([empty, off(empty, 200, 0)]);
  // Chromium's touch emulation lifts all fingers or none: this one's leaving is told to the page itself.
  await page.evaluate(
    (pointerId) =>
      document
        .querySelector("canvas")
        ?.dispatchEvent(new PointerEvent("pointerup", { pointerId, pointerType: "touch", bubbles: true })),
    await first,
  );
  const one = await viewOf(page);
  for (const part of [10, 20, 30, 40]) await fingers.hold([empty, off(empty, 200 + part, 0)]);
  const moved = await viewOf(page);
  expect((moved.x - one.x) * one.scale).toBeGreaterThan(25);
  expect(moved.scale).toBe(one.scale);
  await fingers.lift();
  // Nodes under the fingers were not moved.
  expect(await page.evaluate(() => guidegraph.tab.history.past.length)).toBe(0);
  await page.context().close();
});

test("a finger that rests asks for the menu, as a right click does", async () => {
  const { page, fingers } = await touched();
  await fingers.hold([await headOf(page, "Noise")]);
  await page.getByRole("menu", { name: "Node" }).waitFor();
  await fingers.lift();
  await page.getByRole("menuitem", { name: /^Bypass/ }).tap();
  await surveyed(page);
  const id = await nodeId(page, "Noise");
  expect(readDocument(await fileText(page)).nodes.find((node) => node.id === id)?.mode).toBe(4);
  await fingers.hold([empty]);
  await page.getByRole("menu", { name: "Canvas" }).waitFor();
  await fingers.lift();
  await page.context().close();
});

test("a tap on a slot and one on another wires them, though a finger misses both by some pixels", async () => {
  const { page, fingers } = await touched();
  const before = await linksOf(page);
  const [labels, cond] = [
    await slotOf(page, "Wanted shape", "output", "labels"),
    await slotOf(page, "Guided DDIM", "input", "labels"),
  ];
  await fingers.tap(off(labels, 12, 5));
  expect(await page.evaluate(() => guidegraph.canvas.scene.hand.fitting.size)).toBeGreaterThan(2);
  await fingers.tap(off(cond, -12, 3));
  const after = await linksOf(page);
  expect(after).toHaveLength(before.length + 1);
  const [from, to] = [await nodeId(page, "Wanted shape"), await nodeId(page, "Guided DDIM")];
  expect(after).toContain(`${from} labels ${to} labels`);
  expect(await page.evaluate(() => guidegraph.canvas.scene.hand.fitting)).toBeUndefined();
  await page.context().close();
});

test("a second tap that does not fit says why and keeps the wire in hand; one beside everything lets it go", async () => {
  const { page, fingers } = await touched();
  const before = await fileText(page);
  await fingers.tap(await slotOf(page, "Wanted shape", "output", "labels"));
  await fingers.tap(await slotOf(page, "Decode Image", "input", "x"));
  expect(await page.locator(".tip").textContent()).toContain("A list of labels does not fit “x”.");
  expect(await page.evaluate(() => guidegraph.canvas.scene.hand.fitting)).toBeDefined();
  await fingers.tap(empty);
  expect(await page.locator(".tip").count()).toBe(0);
  expect(await page.evaluate(() => guidegraph.canvas.scene.hand.fitting)).toBeUndefined();
  expect(await fileText(page)).toBe(before);
  await page.context().close();
});

test("a finger pulls a wire out of a slot as a mouse does", async () => {
  const { page, fingers } = await touched();
  const before = await linksOf(page);
  await fingers.slide([
    await slotOf(page, "Wanted shape", "output", "labels"),
    await slotOf(page, "Guided DDIM", "input", "labels"),
  ]);
  expect(await linksOf(page)).toHaveLength(before.length + 1);
  await page.context().close();
});

test("a double tap opens a sampler, and everything that can be pressed is 44 pixels wide and high", async () => {
  const { page, fingers } = await touched();
  const small = () =>
    page.evaluate(() =>
      [...document.querySelectorAll("button, select, input:not([type=hidden]), .choice, [role=option]")]
        .filter((one) => one.checkVisibility() && !one.closest(".mirror"))
        .map((one) => ({
          what: `${one.className} ${one.getAttribute("aria-label")}`,
          box: one.getBoundingClientRect(),
        }))
        .filter(({ box }) => box.width < 43.5 || box.height < 43.5)
        .map(({ what, box }) => `${what}: ${box.width}×${box.height}`),
    );
  expect(await small()).toEqual([]);
  await fingers.tap(await headOf(page, "Noise"));
  expect(await small()).toEqual([]);
  const head = await headOf(page, "Guided DDIM");
  await fingers.tap(head);
  await fingers.tap(head);
  await settled(page);
  expect(await page.locator(".crumbs b").textContent()).toBe("Sampling Loop");
  await page.context().close();
});
