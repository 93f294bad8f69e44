/** The scripts of docs/export.md, as they stand there, beside an exported sampler: in Node, and in a page of Chromium. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { symlink } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import sharp from "sharp";
import { chromiumPath } from "./chromium.ts";

const root = fileURLToPath(new URL("../../", import.meta.url)).replace(/dist\/$/, "");
const runtime = join(root, "node_modules", "onnxruntime-web", "dist");

/** Puts the scripts into the folder of an export, and onnxruntime where Node finds it. */
export async function bareFolder(folder: string): Promise<void> {
  const text = readFileSync(join(root, "docs", "export.md"), "utf8");
  for (const [, script, name] of text.matchAll(/```js\n(\/\/ (\w+\.mjs)[\s\S]*?)```/g))
    writeFileSync(join(folder, name), script);
  await symlink(join(root, "node_modules"), join(folder, "node_modules")).catch((error) => {
    if (error.code !== "EEXIST") throw error;
  });
}

/** What sample.mjs has drawn: bytes, N×H×W×C. */
export async function drawnBy(folder: string): Promise<Buffer> {
  const pictures: Buffer[] = [];
  for (let i = 0; existsSync(join(folder, `${i}.png`)); i++)
    pictures.push(
      await sharp(readFileSync(join(folder, `${i}.png`)))
        .raw()
        .toBuffer(),
    );
  return Buffer.concat(pictures);
}

const page = `<!doctype html><script type="importmap">{"imports":{"onnxruntime-web":"/runtime/ort.wasm.min.mjs"}}</script>
<script type="module">
const { sample } = await import("./page.mjs");
const begun = performance.now();
const { data } = await sample();
window.sampled = { bytes: [...data], ms: performance.now() - begun };
</script>`;

const types: Readonly<Record<string, string>> = { ".mjs": "text/javascript", ".wasm": "application/wasm" };

/** What page.mjs draws, and milliseconds with all that it loads. */
export async function inBarePage(folder: string): Promise<{ readonly bytes: number[]; readonly ms: number }> {
  const server = createServer(({ url = "/" }, response) => {
    const path = normalize(new URL(url, "http://localhost").pathname);
    // Shared memory, for threads, is given to isolated pages alone.
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    if (path === "/") return response.setHeader("Content-Type", "text/html").end(page);
    const file = path.startsWith("/runtime/") ? join(runtime, path.slice("/runtime/".length)) : join(folder, path);
    try {
      const bytes = readFileSync(file);
      response.setHeader("Content-Type", types[extname(file)] ?? "application/octet-stream").end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const browser = await chromium.launch({
    ...(chromiumPath && { executablePath: chromiumPath }),
    args: ["--no-sandbox"],
  });
  try {
    const tab = await browser.newPage();
    const failed = new Promise<never>((_, reject) => tab.on("pageerror", reject));
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const waited = tab.waitForFunction("window.sampled", undefined, { timeout: 600_000 });
    return (await (await Promise.race([waited, failed])).jsonValue()) as { bytes: number[]; ms: number };
  } finally {
    await browser.close();
    server.close();
  }
}
