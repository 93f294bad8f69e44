/**
 * A page with stock litegraph.js, on an origin of its own, runs graphs on the real server. What is done here is done
 * through litegraph's own API and the page's buttons.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Connection } from "../../../client/plugin/connect.ts";
import type { HostCanvas, HostGraph } from "../../../client/plugin/host.ts";
import { contentHash, readDocument } from "../../../graphs/document/index.ts";
import type { RunSummary } from "../../../server/protocol.ts";
import { guidegraph, temporaryFolder } from "../../support/cli.ts";
import { TestServer } from "../../support/server.ts";
import { openBrowser } from "../support/browser.ts";
import { type HostPage, serveHostPage } from "../support/host-page.ts";
import type { CoreNode } from "./host.ts";

/** What the page has, and what the tests keep in it. */
declare const graph: HostGraph;
declare const canvas: HostCanvas & { graph: HostGraph };
declare const connection: Connection;
declare const seen: { steps: object[]; seqs: number[]; previews: number };
declare const sockets: WebSocket[];
declare function nodeAt(path: string): CoreNode;

const token = "a-long-secret-of-many-letters";
let host: HostPage;
let server: TestServer;
let browser: Browser;
beforeAll(async () => {
  host = await serveHostPage();
  server = await TestServer.start({ token, args: ["--allow-origin", host.origin] });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server?.kill("SIGTERM");
  host?.close();
});

/** The page with a graph made small: four pictures' work is done in a second or two. */
async function visit(name: string, steps: string, query: Record<string, string> = { token }): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1600, height: 900 } });
  // Only sockets are watched: to cut one as a network does.
  await context.addInitScript(() => {
    const all: WebSocket[] = [];
    window.WebSocket = class extends WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        all.push(this);
      }
    };
    Object.assign(window, { sockets: all });
  });
  const page = await context.newPage();
  page.on("pageerror", (error) => console.error("In the page:", error.stack ?? error));
  await page.goto(host.url(server.url, { graph: `/graphs/${name}.json`, ...query }));
  await page.waitForFunction(() => "connection" in window);
  await page.evaluate((steps) => {
    const nodeAt = (path: string): CoreNode => {
      let [at, node]: [HostGraph | undefined, CoreNode | undefined] = [graph, undefined];
      for (const id of path.split("/").map(Number)) {
        node = at?.getNodeById(id) as CoreNode;
        at = node.subgraph;
      }
      return node as CoreNode;
    };
    const seen = { steps: [] as object[], seqs: [] as number[], previews: 0 };
    Object.assign(window, { nodeAt, seen });
    connection.onEvent = (event) => {
      seen.seqs.push(event.seq);
      // What the node that holds the loop shows at this step.
      if (event.type === "step") seen.steps.push(structuredClone(nodeAt(event.path.split("/")[0]).view.status));
    };
    connection.onPreview = () => seen.previews++;
    const typed = (type: string) => graph._nodes.find((node) => node.type === `guidegraph/${type}`);
    typed("diffusion-schedule")?.setProperty("timestep_respacing", steps);
    typed("class-labels")?.setProperty("classes", "3");
  }, steps);
  return page;
}

const stateOf = (page: Page): Promise<string> =>
  page.evaluate(() => document.getElementById("state")?.textContent ?? "");
const sheetOf = ({ outputs }: RunSummary) => outputs.find(({ mime }) => mime === "image/png");
const run = (page: Page): Promise<RunSummary> => page.evaluate(() => connection.run());
const statusAt = (page: Page, path: string) => page.evaluate((path) => nodeAt(path).view.status, path);
const idOf = (page: Page, type: string): Promise<string> =>
  page.evaluate((type) => `${graph._nodes.find((node) => node.type === `guidegraph/${type}`)?.id}`, type);

test("a graph runs from a stock litegraph page, seen in its nodes; rewired there, it makes another picture", async () => {
  const page = await visit("guided-ddim", "ddim4");
  const shown = await Promise.all(["subgraph", "decode-image", "preview", "save-png"].map((type) => idOf(page, type)));
  const [sampler] = shown;
  const saved = JSON.stringify(await page.evaluate(() => graph.serialize()));
  const guided = await run(page);
  expect(guided.state).toBe("succeeded");

  // Progress, step by step, on the node that holds the loop; previews; pictures where they belong.
  const { steps, previews } = await page.evaluate(() => seen);
  const step = (done: number) => ({ state: "running", word: `${done} / 4`, progress: { done, of: 4 } });
  expect(steps).toEqual([1, 2, 3, 4].map(step));
  expect(previews).toBeGreaterThan(0);
  expect(await statusAt(page, sampler)).toMatchObject({ state: "done" });
  await page.waitForFunction((paths) => paths.every((path) => nodeAt(path).view.picture), shown);
  for (const path of shown) expect([path, (await coloursIn(page, path)) > 100]).toEqual([path, true]);

  // Inner nodes have theirs: the loop, and what is inside a double-clicked node.
  const inner = await page.evaluate(
    (path) => nodeAt(path).subgraph?._nodes.find(({ type }) => /loop$/.test(type))?.id,
    sampler,
  );
  const loop = `${sampler}/${inner}`;
  expect(await statusAt(page, loop)).toMatchObject({ state: "done" });
  await page.mouse.dblclick(...(await titleAt(page, sampler)));
  await page.waitForFunction((path) => canvas.graph === nodeAt(path).subgraph, sampler);

  // Room for pictures was made: it is saved, and changes nothing that the graph does.
  const after = await page.evaluate(() => graph.serialize());
  expect(contentHash(readDocument(after))).toBe(contentHash(readDocument(saved)));

  // What the host saves is what runs: checked, and the same bytes from the command line.
  const folder = temporaryFolder();
  const file = join(folder, "saved.json");
  writeFileSync(file, saved);
  expect(await guidegraph(["check", file])).toMatchObject({ code: 0 });
  expect(await guidegraph(["run", file, "--out", folder, "--backend", "cpu"])).toMatchObject({ code: 0 });
  const { name, sha256 } = sheetOf(guided) as { name: string; sha256: string };
  const bytes = readFileSync(join(folder, name));
  expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
  const blob = await page.evaluate(
    async ([id, name]) => [...new Uint8Array(await (await connection.file(id, name)).arrayBuffer())],
    [guided.id, name],
  );
  expect(Buffer.from(blob).equals(bytes)).toBe(true);

  // Without its gradient the prediction goes on as the network made it.
  await page.evaluate((path) => {
    const inner = nodeAt(path).subgraph as HostGraph;
    const typed = (type: string) => inner._nodes.find((node) => node.type === `guidegraph/${type}`) as CoreNode;
    typed("mean-variance").connect("prediction", typed("ddim-step"), "prediction");
    for (const type of ["condition-score", "guidance-gradient"]) inner.remove(typed(type));
  }, loop);
  const unguided = await run(page);
  expect(unguided.state).toBe("succeeded");
  expect(sheetOf(unguided)?.sha256).not.toBe(sha256);
  expect(await statusAt(page, await idOf(page, "gaussian-noise"))).toEqual({ state: "cached" });
  await page.context().close();
});

test("a graph that cannot run is marked where the cause is, inside and outside, until it is mended", async () => {
  const page = await visit("guided-ddim", "ddim2");
  const sampler = await idOf(page, "subgraph");
  await page.evaluate((path) => nodeAt(path).disconnectInput(nodeAt(path).findInputSlot("cond_fn")), sampler);
  await page.click("#run");
  await page.waitForFunction((path) => nodeAt(path).view.status.state === "failed", sampler);
  const status = await statusAt(page, sampler);
  expect(status.message).toMatch(/cond_fn/);
  expect(await stateOf(page)).toContain(status.message);
  const cond = await idOf(page, "build-cond-fn");
  await page.evaluate(([from, to]) => nodeAt(from).connect("cond_fn", nodeAt(to), "cond_fn"), [cond, sampler]);
  expect((await run(page)).state).toBe("succeeded");
  expect(await statusAt(page, sampler)).toMatchObject({ state: "done" });
  await page.context().close();
});

test("a lost connection is found again and goes on after the last event; Cancel ends the run", async () => {
  const page = await visit("guided-ddpm", "100");
  await page.click("#run");
  await page.waitForFunction(() => seen.steps.length > 3, undefined, { timeout: 60_000 });
  await page.evaluate(() => sockets.at(-1)?.close());
  await page.waitForFunction(() => sockets.length > 1);
  const lost = await page.evaluate(() => seen.steps.length);
  await page.waitForFunction((lost) => seen.steps.length > lost, lost, { timeout: 60_000 });
  await page.click("#cancel");
  await page.waitForFunction(() => /cancelled/.test((document.getElementById("state") as HTMLOutputElement).value));
  const seqs = await page.evaluate(() => seen.seqs);
  expect(seqs).toEqual(seqs.map((_, i) => seqs[0] + i));
  await page.context().close();
});

test("a server that does not let the page in, or not with this token, is told in one clear line", async () => {
  const page = await visit("guided-ddim", "ddim2", { token: "another" });
  await expect.poll(() => stateOf(page)).toContain("its token is not the server's");
  await expect(run(page)).rejects.toThrow("its token is not the server's");
  await page.context().close();
  const closed = await TestServer.start();
  const refused = await visit("guided-ddim", "ddim2", { server: closed.url });
  const clear = `Cannot reach ${closed.url}: start it with guidegraph serve --allow-origin ${host.origin}`;
  await expect.poll(() => stateOf(refused)).toContain(clear);
  await expect(run(refused)).rejects.toThrow(clear);
  expect(await closed.runs()).toEqual([]);
  await refused.context().close();
  await closed.kill("SIGTERM");
});

/** How many colours a node's picture has on the canvas, as it is painted. */
const coloursIn = (page: Page, path: string): Promise<number> =>
  page.evaluate(async (path) => {
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const node = nodeAt(path);
    const { scale, offset } = (canvas as unknown as { ds: { scale: number; offset: [number, number] } }).ds;
    const element = document.getElementById("canvas") as HTMLCanvasElement;
    const [x, y] = [0, 1].map((i) => (node.pos[i] + offset[i]) * scale);
    const [w, h] = [0, 1].map((i) => node.size[i] * scale);
    const { data } = (element.getContext("2d") as CanvasRenderingContext2D).getImageData(x, y, w, h);
    return new Set(new Uint32Array(data.buffer)).size;
  }, path);

/** The middle of a node's title on the screen. */
const titleAt = (page: Page, path: string): Promise<[number, number]> =>
  page.evaluate((path) => {
    const node = nodeAt(path);
    const { scale, offset } = (canvas as unknown as { ds: { scale: number; offset: [number, number] } }).ds;
    const { left, top } = (document.getElementById("canvas") as HTMLElement).getBoundingClientRect();
    return [left + (node.pos[0] + 60 + offset[0]) * scale, top + (node.pos[1] - 12 + offset[1]) * scale];
  }, path);
