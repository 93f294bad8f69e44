/** Two runs looked at together: by mouse from the strip and by keys from the large picture. */
import type { Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStage, type Stage } from "./support/browser.ts";
import { linkTo, small } from "./support/graphs.ts";
import { headOf, press, ran, rowOf, run, settled } from "./support/hands.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

/** Of all that is seen of the pictures that lie over each other; their edges may share pixels with what is around. */
async function brightest(page: Page): Promise<number> {
  await page.waitForFunction(() => {
    const images = [...document.querySelectorAll<HTMLImageElement>(".compare .over img")];
    return images.length === 2 && images.every((one) => one.complete && one.clientWidth > 200);
  });
  await settled(page);
  const { data, info } = await sharp(await page.locator(".compare .over").screenshot())
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const inner = (i: number) => {
    const [x, y] = [Math.floor(i / info.channels) % info.width, Math.floor(i / info.channels / info.width)];
    return x > 1 && y > 1 && x < info.width - 2 && y < info.height - 2;
  };
  return data.reduce((most, value, i) => (inner(i) ? Math.max(most, value) : most), 0);
}

test("two runs lie over each other, beside each other or as their difference, with what they do differently", async () => {
  const page = await stage.visit(linkTo(small("guided-ddim", "ddim2")));
  await run(page);
  await ran(page);
  const button = page.getByRole("button", { name: "Compare runs" });
  await page.mouse.click(...(await headOf(page, "Build cond_fn")));
  await page.mouse.click(...(await rowOf(page, "Build cond_fn", "scale")));
  await page.locator(".popup.over input").fill("3");
  await press(page, "Enter");
  await run(page);
  await ran(page);
  await page.locator(".run-entry img").nth(1).waitFor();
  await button.click();
  const dialog = page.getByRole("dialog", { name: "Compare runs" });
  await dialog.getByText("Build cond_fn: scale 22 → 3").waitFor();
  const labels = () =>
    dialog.locator("select").evaluateAll((all) => all.map((one) => (one as HTMLSelectElement).value));
  const [a, b] = await labels();
  const numberOf = (id: string) => dialog.locator(`select >> nth=0 >> option[value="${id}"]`).textContent();
  const [first, second] = [await numberOf(a), await numberOf(b)].map((text) => Number(text?.split(" ")[0]));
  expect(second).toBe(first + 1);

  // Swiped by keys and by the mouse, flicked by Space.
  const at = () => dialog.getByRole("slider").inputValue();
  await page.waitForFunction(() => (document.querySelector(".compare img") as HTMLElement).clientWidth > 200);
  await press(page, "ArrowRight");
  expect(await at()).toBe("55");
  await press(page, "Space");
  expect(await at()).toBe("0");
  await press(page, "Space");
  expect(await at()).toBe("100");
  const box = (await dialog.locator(".over").boundingBox()) as { x: number; y: number; width: number; height: number };
  await page.mouse.click(box.x + box.width / 4, box.y + box.height / 2);
  await settled(page);
  expect(Math.abs(Number(await at()) - 25)).toBeLessThan(3);

  const way = (name: string) => dialog.getByRole("radio", { name }).click();
  await way("Side by side");
  await dialog.getByText(`B · run ${second}`).waitFor();
  await way("Difference");
  await dialog.getByText("black is equal").waitFor();
  await expect.poll(() => brightest(page)).toBeGreaterThan(0);

  // With itself nothing differs, and it says so.
  await dialog.getByLabel("Run A").selectOption(b);
  await dialog.getByText("Both runs are of the same graph with the same numbers.").waitFor();
  await expect.poll(() => brightest(page)).toBe(0);
  await press(page, "Escape");
  await dialog.waitFor({ state: "detached" });

  await page.locator(".run-entry").first().dblclick();
  await page.locator(".viewer").waitFor();
  await press(page, "c");
  await dialog.waitFor();
  await page.context().close();
});
