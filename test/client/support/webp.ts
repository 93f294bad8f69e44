import { writeFileSync } from "node:fs";
import type { Page } from "playwright-core";

/** What a page shows, as WebP: two fifths of a PNG. */
export async function shootWebp(page: Page, path: string): Promise<void> {
  writeFileSync(path, await webpOf(page, await page.screenshot()));
}

/** A PNG as WebP, which the browser writes. */
export async function webpOf(page: Page, png: Buffer): Promise<Buffer> {
  const data = await page.evaluate(
    async (source) => {
      const image = new Image();
      image.src = source;
      await image.decode();
      const canvas = document.createElement("canvas");
      Object.assign(canvas, { width: image.width, height: image.height });
      canvas.getContext("2d")?.drawImage(image, 0, 0);
      return canvas.toDataURL("image/webp", 0.9);
    },
    `data:image/png;base64,${png.toString("base64")}`,
  );
  return Buffer.from(data.slice(data.indexOf(",") + 1), "base64");
}
