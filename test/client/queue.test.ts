/** The queue, looked at and emptied in the browser. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStage, type Stage } from "./support/browser.ts";
import { linkTo, small } from "./support/graphs.ts";
import { begun, press, run } from "./support/hands.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

test("shows what runs and what waits in their order, and cancels one or all", async () => {
  await fetch(`${stage.url}/api/runs`, { method: "DELETE", headers: { Origin: stage.url } });
  const page = await stage.visit(linkTo(small("guided-ddpm", "1000")));
  await run(page);
  const first = await page.evaluate(async () => {
    const [{ id, number }] = await (await fetch("api/runs")).json();
    const { graph } = await (await fetch(`api/runs/${id}`)).json();
    const [method, headers] = ["POST", { "Content-Type": "application/json" }];
    for (let i = 0; i < 4; i++) await fetch("api/runs", { method, headers, body: JSON.stringify({ graph }) });
    return number as number;
  });
  await page.locator('.run-entry[data-state="running"]').waitFor({ timeout: 60_000 });
  await page.getByRole("button", { name: /waiting/ }).click();
  const queue = page.getByRole("dialog", { name: "Queue" });
  const entries = queue.locator("li");
  await entries.nth(4).waitFor();
  expect(await entries.evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset.state))).toEqual([
    "running",
    ...Array(4).fill("queued"),
  ]);
  // What waits is put in another order by hand and by key; the server knows it, so a reload changes nothing.
  const order = () =>
    entries
      .evaluateAll((all) => all.map((one) => Number(one.querySelector("b")?.textContent)))
      .then((all) => all.map((number) => number - first + 1));
  await entries.nth(4).dragTo(entries.nth(1));
  await expect.poll(order).toEqual([1, 5, 2, 3, 4]);
  await entries.nth(3).focus();
  await press(page, "Alt+ArrowUp");
  await expect.poll(order).toEqual([1, 5, 3, 2, 4]);
  await press(page, "Alt+ArrowUp");
  await expect.poll(order).toEqual([1, 3, 5, 2, 4]);
  await press(page, "Alt+ArrowDown");
  await expect.poll(order).toEqual([1, 5, 3, 2, 4]);
  await page.reload();
  await begun(page);
  await page.getByRole("button", { name: /waiting/ }).click();
  await expect.poll(order).toEqual([1, 5, 3, 2, 4]);
  for (const n of [4, 5]) await queue.getByRole("button", { name: `Cancel run ${first + n - 1}` }).click();
  await expect.poll(order).toEqual([1, 3, 2]);
  await expect.poll(() => page.locator(".badge .queue").textContent()).toMatch(/1 running, 2 waiting · .* left/);
  await queue.getByRole("button", { name: `Cancel run ${first + 1}` }).click();
  await expect.poll(order).toEqual([1, 3]);
  await queue.getByRole("button", { name: "Cancel all 2" }).click();
  await queue.getByText("Nothing runs and nothing waits.").waitFor({ timeout: 30_000 });
  await press(page, "Escape");
  expect(await queue.count()).toBe(0);
  await press(page, "q");
  expect(await queue.count()).toBe(1);
  expect(await page.locator('.run-entry[data-state="cancelled"]').count()).toBeGreaterThan(4);
  await page.context().close();
});
