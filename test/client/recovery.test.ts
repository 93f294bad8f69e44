/** What a person sees when a process dies under them: the worker, the server, a model call that never ends. */
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { contentHash, readDocument, setParameter } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { dying, dyingNodes } from "../support/dying.ts";
import { endlessModel } from "../support/endless-model.ts";
import { sampler } from "../support/processes.ts";
import { openStage, type Stage } from "./support/browser.ts";
import { linkTo, small } from "./support/graphs.ts";
import { click, fileText, nodeId, press, ran, run, statusOf, surveyed } from "./support/hands.ts";

let stage: Stage;
/** Of a machine that does other things as well. */
const patience = { timeout: 60_000 };
beforeAll(async () => {
  const models = mkdtempSync(join(tmpdir(), "guidegraph-models-"));
  writeFileSync(join(models, "endless.onnx"), await endlessModel());
  stage = await openStage(["--models", models, "--nodes", dyingNodes]);
});
afterEach(() => fetch(`${stage.url}/api/runs`, { method: "DELETE", headers: { Origin: stage.url } }));
afterAll(() => stage?.close());

/** Waits until the run that is shown has taken a step; returns how many are known to be taken. */
async function stepping(page: Page, title: string): Promise<number> {
  await expect.poll(() => statusOf(page, title), patience).toMatchObject({ progress: {} });
  const { progress } = (await statusOf(page, title)) as { progress?: { done: number } };
  return progress?.done ?? 0;
}

const badge = (page: Page) => page.locator(".top .badge");
const entries = (page: Page) => page.locator(".run-entry");

test("a worker that is killed fails its run, in the strip and on the node, and the next run succeeds", async () => {
  const page = await stage.visit(linkTo(small("guided-ddpm", "200")));
  await run(page);
  await stepping(page, "Guided DDPM");
  process.kill(sampler(stage.process.pid as number), "SIGKILL");
  expect((await ran(page)).state).toBe("failed");
  const reason = /The process it ran in was ended by SIGKILL .*memory.* It can be run again/;
  expect(await statusOf(page, "Guided DDPM")).toMatchObject({
    state: "failed",
    message: expect.stringMatching(reason),
  });
  expect(await page.locator(".failure-note").textContent()).toMatch(reason);
  expect(await entries(page).first().locator(".state").textContent()).toMatch(/^failed: The process/);

  await page.getByRole("button", { name: "Run 1 again" }).click();
  await stepping(page, "Guided DDPM");
  expect((await statusOf(page, "Guided DDPM")).state).toBe("running");
  await press(page, "Control+Alt+Enter");
  expect((await ran(page)).state).toBe("cancelled");
  await page.context().close();
});

test("a server that is killed is missed, waited for, and found again with everything that was asked of it", async () => {
  const page = await stage.visit(linkTo(small("guided-ddpm", "200")));
  await run(page);
  const interrupted = await page.evaluate(shownRun);
  await stepping(page, "Guided DDPM");
  await click(page, "Noise");
  await page.locator(".inspector").getByRole("textbox", { name: "seed", exact: true }).fill("7");
  await press(page, "Enter");
  await run(page);
  const waiting = await page.evaluate(waitingRun);
  stage.process.kill("SIGKILL");
  await once(stage.process, "exit");
  await page.getByText("Not connected").waitFor();
  expect(await badge(page).getAttribute("title")).toBe("Editing goes on; runs continue on the server.");

  // Editing goes on; Run says what is the matter and starts nothing.
  await page.locator(".inspector").getByRole("textbox", { name: "seed", exact: true }).fill("11");
  await press(page, "Enter");
  await press(page, "Control+Enter");
  await page.locator(".notice").getByText("The server cannot be reached").waitFor();
  await page.locator(".notice").getByRole("button", { name: "Close" }).click();
  const edited = contentHash(readDocument(await fileText(page)));

  await stage.restart();
  await page.getByText("Not connected").waitFor({ state: "detached", timeout: 60_000 });
  expect(await page.locator(".notice").count()).toBe(0);
  await expect.poll(() => page.evaluate(stateOf, interrupted), patience).toBe("interrupted");
  await expect.poll(() => page.evaluate(stateOf, waiting), patience).toBe("running");
  expect(contentHash(readDocument(await fileText(page)))).toBe(edited);
  // What could not be saved meanwhile is saved now.
  const name = await page.evaluate(tabName);
  await expect.poll(() => savedHash(name), patience).toBe(edited);

  await page.getByRole("button", { name: /^Cancel run/ }).click();
  await expect.poll(() => page.evaluate(stateOf, waiting), patience).toBe("cancelled");
  const number = await page.evaluate(numberOf, interrupted);
  await page.getByRole("button", { name: `Run ${number} again` }).click();
  await expect.poll(() => page.evaluate(shownRun), patience).not.toBe(waiting);
  await stepping(page, "Guided DDPM");
  const again = await page.evaluate(shownRun);
  expect(await graphHash(again)).toBe(await graphHash(interrupted));

  // Who opens the page only now sees the same, with the picture from where it is.
  await page.reload();
  const second = await stage.visit();
  for (const one of [page, second]) {
    await stepping(one, "Guided DDPM");
    expect(await one.evaluate(shownRun)).toBe(again);
    await expect.poll(() => pictureTag(one, "Guided DDPM"), patience).toMatch(/^x₀ · \d+ of 200/);
    expect(await one.evaluate(states)).toEqual(await page.evaluate(states));
  }
  await press(second, "Control+Alt+Enter");
  for (const one of [page, second]) expect((await ran(one)).state).toBe("cancelled");
  await second.context().close();
  await page.context().close();
});

test("models that crash twice are held, which the page says in one line, and run again when one allows it", async () => {
  const page = await stage.visit(linkTo(dying("abort", "shapes32_diffusion.pt")));
  for (let i = 0; i < 2; i++) {
    await run(page);
    expect((await ran(page)).state).toBe("failed");
  }
  await press(page, "Control+Enter");
  const notice = page.locator(".notice");
  await notice
    .getByText('Runs with "shapes32_diffusion.pt" ended their process twice (SIGABRT); allow it again to run it')
    .waitFor();
  const before = await entries(page).count();
  expect((await page.locator("button.run").textContent())?.trim()).toMatch(/^Run/);
  await notice.getByRole("button", { name: "Allow and run" }).click();
  await expect.poll(() => entries(page).count(), patience).toBe(before + 1);
  expect((await ran(page)).state).toBe("failed");
  await page.context().close();
});

test("a model call that never ends is cancelled within three seconds, as the browser sees it", async () => {
  const page = await stage.visit(
    linkTo(setParameter(small("guided-ddim", "ddim4"), "Load UNet.file", "endless.onnx", nodes)),
  );
  await run(page);
  await expect.poll(() => statusOf(page, "Guided DDIM"), patience).toMatchObject({ state: "running" });
  const start = performance.now();
  await page.getByRole("button", { name: "Cancel Ctrl Alt" }).click();
  expect((await ran(page)).state).toBe("cancelled");
  const took = performance.now() - start;
  console.info(`seen as cancelled after ${Math.round(took)} ms`);
  expect(took).toBeLessThan(30_000);
  await page.context().close();
  const next = await stage.visit(linkTo(small("guided-ddim", "ddim4")));
  await run(next);
  expect((await ran(next)).state).toBe("succeeded");
  await next.context().close();
});

test("of two browsers with one document each keeps what it made of it, and takes what it has not changed", async () => {
  const [here, there] = [await stage.visit(), await stage.visit()];
  const move = async (page: Page, arrow: string) => {
    await click(page, "Noise");
    await press(page, arrow);
    await press(page, "Escape");
    await page.waitForFunction(isSaved);
  };
  const server = async () => (await (await fetch(`${stage.url}/api/graphs`)).json()) as { name: string }[];
  const own = async () => (await server()).map(({ name }) => name).filter((name) => name.startsWith("my-guided-ddim"));
  const before = await own();
  await move(here, "ArrowDown");
  const name = await here.evaluate(tabName);
  expect(before).not.toContain(name);
  await there.evaluate(() => dispatchEvent(new Event("focus")));
  await there.getByRole("tab", { name: "Start" }).click();
  await there.locator(".entry b").getByText(name, { exact: true }).click();
  await there.waitForFunction((name) => guidegraph.tab?.name === name, name);
  await surveyed(there);
  await move(there, "ArrowRight");
  await move(here, "ArrowLeft");
  expect(await here.evaluate(tabName)).not.toBe(name);
  expect(await here.locator(".notice").textContent()).toContain(`“${name}” was changed in another browser`);
  expect((await own()).length).toBe(before.length + 2);
  await here.getByRole("button", { name: `Open “${name}”` }).click();
  await here.waitForFunction((name) => guidegraph.tab.name === name, name);
  await move(there, "ArrowRight");
  const theirs = await there.evaluate(noisePlace);
  const look = () => here.evaluate(() => dispatchEvent(new Event("focus")));
  await expect.poll(() => look().then(() => here.evaluate(noisePlace))).toEqual(theirs);
  for (const page of [here, there]) await page.context().close();
});

// In the page.
// biome-ignore lint/suspicious/noExplicitAny: the editor's state in the page, which is not typed here.
declare const guidegraph: any;
const waitingRun = (): string => guidegraph.tab.next.at(-1).run;
const shownRun = (): string => guidegraph.tab.run;
const tabName = (): string => guidegraph.tab.name;
const isSaved = (): boolean => guidegraph.tab.saved === guidegraph.tab.history.present && guidegraph.tab.stored;
const noisePlace = (): [number, number] =>
  guidegraph.graph.nodes.find(({ type }: { type: string }) => type === "guidegraph/gaussian-noise").pos;
const stateOf = (id: string): string => guidegraph.runs.byId.get(id)?.summary.state;
const states = (): string[] => guidegraph.runs.all.map(({ summary }: { summary: { state: string } }) => summary.state);
const numberOf = (id: string): number => guidegraph.runs.byId.get(id).summary.number;
const pictureTag = (page: Page, title: string): Promise<string | undefined> =>
  nodeId(page, title).then((id) => page.evaluate((id) => guidegraph.canvas.live(id).pictureTag, id));

async function savedHash(name: string): Promise<string | undefined> {
  const response = await fetch(`${stage.url}/api/graphs/${encodeURIComponent(name)}`);
  return response.ok ? contentHash(readDocument(await response.text())) : undefined;
}

async function graphHash(run: string): Promise<string> {
  const { graph } = (await (await fetch(`${stage.url}/api/runs/${run}`)).json()) as { graph: unknown };
  return contentHash(readDocument(graph));
}
