/** The editor of a server that is reached by http and a name: no secure context, so browsers withhold what they give others. */
import { hostname } from "node:os";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBrowser, openStage, type Stage } from "./support/browser.ts";

const token = "0123456789abcdef0123456789abcdef";
let stage: Stage;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  stage = await openStage(["--host", "0.0.0.0", "--token", token]);
  const name = hostname().toLowerCase();
  browser = await openBrowser(`host-resolver-rules=MAP ${name} 127.0.0.1`);
  page = await (await browser.newContext({ viewport: { width: 1280, height: 720 } })).newPage();
  await page.goto(`http://${name}:${new URL(stage.url).port}/?token=${token}`);
  await page.getByRole("tab", { name: "guided-ddim" }).waitFor();
});

afterAll(async () => {
  await browser?.close();
  await stage?.close();
});

interface Opened {
  readonly guidegraph: { readonly graph: { readonly nodes: readonly { readonly id: number }[] } };
}
const count = () => page.evaluate(() => (window as unknown as Opened).guidegraph.graph.nodes.length);

describe("the door", () => {
  test("the link's token lets in, leaves the address, and is not asked for again", async () => {
    expect(new URL(page.url()).search).toBe("");
    await page.reload();
    await page.getByRole("tab", { name: "guided-ddim" }).waitFor();
  });

  test("without the link the token is typed; a wrong one is said to be wrong", async () => {
    const other = await (await browser.newContext()).newPage();
    await other.goto(new URL("/", page.url()).href);
    await other.getByRole("heading", { name: "This server asks for its token" }).waitFor();
    for (let press = 0; press < 3; press++) await other.keyboard.press("Escape");
    await other.getByLabel("Token").fill("not this one at all");
    await other.keyboard.press("Enter");
    await other.getByText("This is not the token of this server.").waitFor();
    await other.getByLabel("Token").fill(token);
    await other.getByRole("button", { name: "Enter" }).click();
    await other.getByRole("tab", { name: "guided-ddim" }).waitFor();
    await other.context().close();
  });
});

describe("over http and a name", () => {
  test("the page is no secure context, and opens all the same", async () => {
    expect(await page.evaluate(() => [isSecureContext, typeof navigator.clipboard])).toEqual([false, "undefined"]);
    expect(await count()).toBeGreaterThan(5);
  });

  test("nodes are copied and pasted, and a new document opens", async () => {
    const before = await count();
    await page
      .locator("canvas")
      .first()
      .click({ position: { x: 5, y: 300 } });
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Control+c");
    await page.keyboard.press("Control+v");
    await page.waitForFunction(
      (before) => (window as unknown as Opened).guidegraph.graph.nodes.length > before,
      before,
    );
    await page.keyboard.press("Control+z");
  });

  test("a link that contains the graph goes into the clipboard", async () => {
    await page
      .locator("canvas")
      .first()
      .click({ button: "right", position: { x: 20, y: 590 } });
    await page.getByText("Copy a link with this graph").click();
    await page.locator(".notice", { hasText: "A link that contains this graph is in the clipboard" }).waitFor();
  });
});
