/** The queue, looked at and emptied in the browser. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStage, type Stage } from "./support/browser.ts";
import { linkTo, small } from "./support/graphs.ts";
import { press, run } from "./support/hands.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

test("shows what runs and what waits in their order, and cancels one or all", async () => {
  const page = await stage.visit(linkTo(small("guided-ddpm", "1000")));
  for (let i = 0; i < 3; i++) await run(page);
  await page.locator('.run-entry[data-state="running"]').waitFor({ timeout: 60_000 });
  await page.getByRole("button", { name: /waiting/ }).click();
  const queue = page.getByRole("dialog", { name: "Queue" });
  const entries = queue.locator("li");
  await entries.nth(2).waitFor();
  expect(await entries.evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset.state))).toEqual([
    "running",
    "queued",
    "queued",
  ]);
  await queue.getByRole("button", { name: "Cancel run 2" }).click();
  await page.waitForFunction(() => document.querySelectorAll(".queue li").length === 2);
  expect(await entries.allInnerTexts()).toEqual([expect.stringMatching(/^1 /), expect.stringMatching(/^3 /)]);
  await queue.getByRole("button", { name: "Cancel all 2" }).click();
  await queue.getByText("Nothing runs and nothing waits.").waitFor({ timeout: 30_000 });
  await press(page, "Escape");
  expect(await queue.count()).toBe(0);
  await press(page, "q");
  expect(await queue.count()).toBe(1);
  expect(await page.locator('.run-entry[data-state="cancelled"]').count()).toBe(3);
  await page.context().close();
});
