/**
 * From `npm start` on a built tree to the first picture: a folder of its own for data and built models, a browser that is
 * open but has never seen the page, and a person who presses Run as soon as the graph is there. Then all of it again,
 * with the models that were built the first time.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { packageRoot } from "../../server/files/package-root.ts";
import { addressOf, openBrowser } from "../client/support/browser.ts";
import type { OpenEditor } from "../client/support/open-editor.ts";

declare const guidegraph: OpenEditor;

export async function firstPicture(): Promise<void> {
  const cache = mkdtempSync(join(tmpdir(), "guidegraph-bench-first-"));
  const browser = await openBrowser();
  console.log("\nFirst picture: `npm start` of a built tree, guided DDIM of one picture in 25 steps");
  try {
    await start(browser, cache); // What the system reads from its disk, it has then read.
    rmSync(cache, { recursive: true });
    console.log(`  models new      ${await start(browser, cache)}`);
    console.log(`  models built    ${await start(browser, cache)}`);
  } finally {
    await browser.close();
    rmSync(cache, { recursive: true, force: true });
  }
}

async function start(browser: Browser, cache: string): Promise<string> {
  const data = mkdtempSync(join(tmpdir(), "guidegraph-bench-data-"));
  const begun = performance.now();
  const seconds = () => `${((performance.now() - begun) / 1_000).toFixed(2)} s`;
  const args = ["start", "--silent", "--", "--port", "0", "--data", data, "--cache", cache];
  const server = spawn("npm", args, { cwd: packageRoot, stdio: ["ignore", "pipe", "ignore"], detached: true });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  try {
    const url = await addressOf(server);
    const times = [`address ${seconds()}`];
    const page = await context.newPage();
    await page.goto(url);
    await page.waitForFunction(() => guidegraph.state.ready && (guidegraph.canvas?.cards.size ?? 0) > 0);
    times.push(`graph ${seconds()}`);
    await page.evaluate(onePicture);
    await page.keyboard.press("Control+Enter");
    await page.waitForFunction(() => guidegraph.runs.films(guidegraph.tab.run ?? "").length > 0);
    times.push(`x₀ forms ${seconds()}`);
    await page.waitForFunction(hasPicture);
    times.push(`picture ${seconds()}`);
    return times.join("  ");
  } finally {
    await context.close();
    await ended(server);
    rmSync(data, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 });
  }
}

/** In the page: asks for one class, as a person does in the inspector. */
function onePicture(): void {
  const labels = guidegraph.graph.nodes.find((node: { title?: string }) => node.title === "Wanted shape");
  guidegraph.canvas.host.set(labels?.id ?? 0, "classes", "3");
}

/** In the page. */
function hasPicture(): boolean {
  const outputs = guidegraph.runs.byId.get(guidegraph.tab.run ?? "")?.summary.outputs ?? [];
  return outputs.some(({ mime }: { mime: string }) => mime === "image/png");
}

/** npm passes a signal on to what it runs only sometimes, so the whole group is told; and it does not wait for the server. */
async function ended(server: ChildProcess): Promise<void> {
  if (server.pid === undefined || server.exitCode !== null) return;
  const exit = once(server, "exit");
  process.kill(-server.pid, "SIGTERM");
  await exit;
}
