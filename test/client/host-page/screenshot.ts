/** A picture of the host page in the middle of a run, for docs/litegraph.md. */
import type { Connection } from "../../../client/plugin/connect.ts";
import { TestServer } from "../../support/server.ts";
import { openBrowser } from "../support/browser.ts";
import { serveHostPage } from "../support/host-page.ts";
import { shootWebp } from "../support/webp.ts";

declare const connection: Connection;

export async function shootHostPage(path: string): Promise<void> {
  const host = await serveHostPage();
  const server = await TestServer.start({ args: ["--allow-origin", host.origin] });
  const browser = await openBrowser();
  try {
    const page = await (await browser.newContext({ viewport: { width: 1600, height: 620 } })).newPage();
    await page.goto(host.url(server.url, { graph: "/graphs/guided-ddim.json" }));
    await page.waitForFunction(() => "connection" in window);
    await page.evaluate(async () => {
      const taken = new Promise<void>((resolve) => {
        const tell = connection.onEvent;
        connection.onEvent = (event) => {
          tell?.(event);
          if (event.type === "step" && event.index === 15) resolve();
        };
      });
      document.getElementById("run")?.click();
      await taken;
      (window as never as { fit(): void }).fit();
      await new Promise((resolve) => setTimeout(resolve, 300));
    });
    await shootWebp(page, path);
  } finally {
    await browser.close();
    await server.kill("SIGTERM");
    host.close();
  }
}
