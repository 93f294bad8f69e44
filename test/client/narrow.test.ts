/** A telephone: everything that a run needs is in sight and in reach. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStage, type Stage } from "./support/browser.ts";
import { click, press, settled } from "./support/hands.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

test("on a narrow screen the canvas comes first, Run is in sight, and panels come and go over it", async () => {
  const size = { width: 390, height: 844 };
  const page = await stage.visit("/", await stage.browser.newContext({ viewport: size, hasTouch: true }));
  const inSight = async (selector: string) => {
    const box = await page.locator(selector).boundingBox();
    return box !== null && box.x >= 0 && box.y >= 0 && box.x + box.width <= size.width;
  };
  for (const selector of [".run", ".badge", ".stepper", ".tab[data-active=true]"])
    expect(await inSight(selector), selector).toBe(true);
  expect(await page.locator(".inspector").count()).toBe(0);
  await page.getByRole("button", { name: "Inspector" }).tap();
  await settled(page);
  expect(await inSight(".inspector")).toBe(true);
  await click(page, "Load UNet");
  // A flag that a help names is never cut by the end of a line.
  const lines = await page
    .locator(".inspector .whole")
    .evaluateAll((flags) => flags.map((flag) => [flag.textContent, flag.getClientRects().length]));
  expect(lines).toContainEqual(["--weights", 1]);
  expect(lines.every(([, count]) => count === 1)).toBe(true);
  await page.getByRole("button", { name: "Inspector" }).tap();
  await settled(page);
  expect(await page.locator(".inspector").count()).toBe(0);
  // What else is open is listed on the start page.
  await page.getByRole("tab", { name: "Start" }).tap();
  await page.getByRole("navigation", { name: "Open documents" }).getByRole("button", { name: "Empty graph" }).tap();
  await page.getByRole("tab", { name: "Start" }).tap();
  await page.getByRole("navigation", { name: "Open documents" }).getByRole("button", { name: "guided-ddim" }).tap();
  expect(await inSight(".tab[data-active=true]")).toBe(true);
  expect(await page.locator(".tab[data-active=true]").textContent()).toContain("guided-ddim");
  await page.context().close();
});

test("a double press on an example opens it once", async () => {
  const page = await stage.visit();
  await page.getByRole("tab", { name: "Start" }).click();
  await page.locator("button.example", { hasText: "A red star" }).dblclick();
  await page.locator('.tab[data-active="true"]', { hasText: "red-star" }).waitFor();
  await settled(page);
  expect(await page.locator(".tab", { hasText: "red-star" }).count()).toBe(1);
  await page.context().close();
});

test("undo in a field that holds its value is the editor's undo", async () => {
  const page = await stage.visit();
  const field = page.locator(".inspector").getByRole("textbox", { name: "timestep_respacing" });
  await field.fill("ddim50");
  await press(page, "Enter");
  await field.press("Control+z");
  await settled(page);
  expect(await field.inputValue()).toBe("ddim25");
  const value = () =>
    page.evaluate(() => {
      const { graph } = (
        window as never as { guidegraph: { graph: { nodes: { type: string; properties: Record<string, unknown> }[] } } }
      ).guidegraph;
      return graph.nodes.find(({ type }) => type === "guidegraph/diffusion-schedule")?.properties.timestep_respacing;
    });
  expect(await value()).toBe("ddim25");
  await field.press("Control+y");
  await page.waitForFunction(
    () => document.querySelector<HTMLInputElement>('.inspector [aria-label="timestep_respacing"]')?.value === "ddim50",
  );
  expect(await value()).toBe("ddim50");
  await page.context().close();
});
