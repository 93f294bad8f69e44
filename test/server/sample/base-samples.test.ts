import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import { filesOf, typedPaths } from "../../../server/sample/plan.ts";
import { temporaryFolder } from "../../support/cli.ts";
import { goldenFile } from "../../support/golden-file.ts";
import { testEngine } from "../../support/run-document.ts";

test("pictures to enlarge are a PNG, a JPEG, or a folder of them in the order of their numbers", async () => {
  const folder = temporaryFolder();
  const picture = (value: number) => sharp(Buffer.alloc(64 * 3, value), { raw: { width: 8, height: 8, channels: 3 } });
  writeFileSync(join(folder, "10.png"), await picture(10).png().toBuffer());
  writeFileSync(join(folder, "9.jpg"), await picture(9).jpeg().toBuffer());
  for (const [path, first, batch] of [
    [folder, 9, 2],
    [join(folder, "9.jpg"), 9, 1],
    [join(folder, "10.png"), 10, 1],
  ] as const) {
    const typed = await typedPaths({ model_path: goldenFile("superres", "model.pt"), base_samples: path });
    const engine = testEngine(typed);
    const id = await filesOf(engine).images(path);
    expect(id.startsWith(basename(path))).toBe(true);
    const { pictures } = await engine.images.load(id);
    expect([pictures.dims, pictures.data[0]]).toEqual([[batch, 8, 8, 3], first]);
  }
});
