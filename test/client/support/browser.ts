/** A real server with a data folder of its own, and a real Chromium that looks at it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { packageRoot } from "../../../server/files/package-root.ts";
import { chromiumPath } from "../../support/chromium.ts";
import { testCache } from "../../support/cli.ts";
import { onOneThread } from "../../support/one-thread.ts";

const quiet = [
  "no-sandbox",
  "disable-gpu",
  "disable-quic",
  "no-first-run",
  "disable-background-networking",
  "disable-component-update",
  "disable-sync",
];

export const openBrowser = (...flags: string[]): Promise<Browser> =>
  chromium.launch({
    ...(chromiumPath && { executablePath: chromiumPath }),
    args: ["--headless", ...[...quiet, ...flags].map((flag) => `--${flag}`)],
  });

export interface Stage {
  readonly url: string;
  readonly browser: Browser;
  /** The server; another one after `restart`. */
  readonly process: ChildProcess;
  /** The folder it keeps everything in. */
  readonly data: string;
  /** Starts it again, at the same address and with the same data, when it has ended. */
  restart(): Promise<void>;
  /** A browser of its own: nothing remembered, nothing shared. */
  visit(path?: string, context?: BrowserContext): Promise<Page>;
  close(): Promise<void>;
}

/** `args`: more for the server's command line. */
export async function openStage(args: readonly string[] = []): Promise<Stage> {
  const data = mkdtempSync(join(tmpdir(), "guidegraph-e2e-"));
  const open = args.some((arg) => arg.startsWith("--token")) ? [] : ["--no-token"];
  const where = ["--data", data, "--cache", testCache];
  const main = join(packageRoot, "server", "guidegraph.mjs");
  const serve = (port: string) =>
    spawn(process.execPath, [main, ...onOneThread(["serve", "--port", port, ...where, ...open, ...args])], {
      stdio: ["ignore", "pipe", "inherit"],
    });
  let server = serve("0");
  const url = await addressOf(server);
  const browser = await openBrowser();
  return {
    url,
    browser,
    data,
    get process() {
      return server;
    },
    async restart() {
      server = serve(new URL(url).port);
      await addressOf(server);
    },
    async visit(path = "/", context) {
      const page = await (context ?? (await browser.newContext({ viewport: { width: 1440, height: 900 } }))).newPage();
      page.on("pageerror", (error) => console.error("In the page:", error.stack ?? error));
      await page.goto(url + path);
      await page.waitForFunction(
        () => (window as unknown as { guidegraph?: { tab?: object; canvas?: object } }).guidegraph?.tab !== undefined,
      );
      await page.waitForTimeout(200);
      return page;
    },
    async close() {
      await browser.close();
      server.kill("SIGTERM");
      await Promise.race([once(server, "exit"), new Promise((resolve) => setTimeout(resolve, 5000))]);
      server.kill("SIGKILL");
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** Where a server that starts says it is. */
export async function addressOf(server: ChildProcess): Promise<string> {
  let said = "";
  for await (const chunk of server.stdout ?? []) {
    said += chunk;
    const [url] = /http:\/\/[\d.]+:\d+/.exec(said) ?? [];
    if (url) return url;
  }
  throw new Error(`The server ended before it served: ${said}`);
}
