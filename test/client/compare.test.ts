/** Two runs looked at together: by mouse from the strip and by keys from the large picture. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStage, type Stage } from "./support/browser.ts";
import { linkTo, small } from "./support/graphs.ts";
import { headOf, press, ran, rowOf, run, settled } from "./support/hands.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

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

  const pixels = (): Promise<number> =>
    page.evaluate(() => {
      const of = (name: string) => {
        const image = document.querySelector(`.compare img.${name}`) as HTMLImageElement;
        const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
        const ctx = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
        ctx.drawImage(image, 0, 0);
        return ctx.getImageData(0, 0, canvas.width, canvas.height).data;
      };
      const [a, b] = [of("a"), of("b")];
      return a.filter((value, i) => value !== b[i]).length;
    });
  await dialog.getByRole("radio", { name: "Side by side" }).click();
  await dialog.getByText(`B · run ${second}`).waitFor();
  expect(await pixels()).toBeGreaterThan(0);

  // With itself nothing differs, and it says so.
  await dialog.getByLabel("Run A").selectOption(b);
  await dialog.getByText("Both runs are of the same graph with the same numbers.").waitFor();
  await dialog.getByRole("radio", { name: "Difference" }).click();
  await dialog.getByText("black is equal").waitFor();
  await page.waitForFunction(() => (document.querySelector(".compare img.a") as HTMLImageElement).complete);
  expect(await pixels()).toBe(0);
  await press(page, "Escape");
  await dialog.waitFor({ state: "detached" });

  await page.locator(".run-entry").first().dblclick();
  await page.locator(".viewer").waitFor();
  await press(page, "c");
  await dialog.waitFor();
  await page.context().close();
});
