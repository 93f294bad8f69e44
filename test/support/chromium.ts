/** Chromium, where one is installed: the file that CHROMIUM names, or in PATH; and the project's own code in a page of it. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { build } from "esbuild";
import { chromium } from "playwright-core";

/** The first has no window at all, and takes a quarter less of the processor. */
const names = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

export const chromiumPath: string | undefined = [
  ...(process.env.CHROMIUM ? [process.env.CHROMIUM] : []),
  ...(process.env.PATH ?? "").split(delimiter).flatMap((folder) => names.map((name) => join(folder, name))),
].find((path) => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
});

/** What `main` of a file beside this one gives in a page of its own; it comes back as JSON does. */
export async function inChromium<T>(file: string): Promise<T> {
  const { outputFiles } = await build({
    entryPoints: [new URL(file, import.meta.url).pathname],
    bundle: true,
    format: "iife",
    globalName: "bundle",
    write: false,
  });
  const browser = await chromium.launch({
    ...(chromiumPath && { executablePath: chromiumPath }),
    args: ["--no-sandbox"],
  });
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: outputFiles[0].text });
    return (await page.evaluate("bundle.main()")) as T;
  } finally {
    await browser.close();
  }
}
