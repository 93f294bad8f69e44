/** Files of strangers, opened in a browser by their address: none of them is a page. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { encodePng, textChunk, withText } from "../../runtime/codecs/index.ts";
import { openStage, type Stage } from "./support/browser.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());

const script = "<html><body><script>window.ran = true; alert(1)</script></body></html>";

test("a picture that holds a page runs no script at its own address, not even if it is taken for a page", async () => {
  const plain = encodePng({ dims: [1, 2, 2, 3], data: new Uint8Array(12) });
  const png = Buffer.concat(withText(plain, textChunk("Comment", script)));
  const headers = { Origin: stage.url, "Content-Type": "image/png" };
  const body = Uint8Array.from(png);
  const upload = await fetch(`${stage.url}/api/images?name=both.png`, { method: "POST", body, headers });
  expect(upload.status).toBe(201);

  const context = await stage.browser.newContext();
  const page = await context.newPage();
  const dialogs: string[] = [];
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  const address = `${stage.url}/api/images/both.png`;
  const response = await page.goto(address);
  expect(response?.headers()["content-type"]).toBe("image/png");
  expect(await page.evaluate(() => [document.contentType, "ran" in window])).toEqual(["image/png", false]);
  // Even where somebody calls it a page, the policy that came with it makes it one without scripts.
  await page.route(address, async (route) => {
    const reply = await route.fetch();
    await route.fulfill({
      response: reply,
      headers: { ...reply.headers(), "content-type": "text/html" },
      body: script,
    });
  });
  await page.goto(address);
  expect(await page.evaluate(() => [document.contentType, "ran" in window])).toEqual(["text/html", false]);
  expect(dialogs).toEqual([]);
  await context.close();
});
