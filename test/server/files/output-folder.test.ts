import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { OutputFolder } from "../../../server/files/output-folder.ts";
import { temporaryFolder } from "../../support/cli.ts";

const [drawn, roundedOtherwise] = [[Buffer.from("1.0")], [Buffer.from("1.1")]];

test("a picture that is drawn again is the same, or stays and fails the run in words", async () => {
  const folder = temporaryFolder();
  const hash = await new OutputFolder(folder).save("a-0000.png", drawn);
  const again = new OutputFolder(folder);
  expect(await again.save("a-0000.png", drawn)).toBe(hash);
  await expect(again.save("a-0000.png", roundedOtherwise)).rejects.toThrow(
    /^Cannot write .*a-0000.png: another file has that name, .* kind of device\. Move it away and start again$/,
  );
  expect(readFileSync(join(folder, "a-0000.png"), "utf8")).toBe("1.0");
  expect(readdirSync(folder)).toEqual(["a-0000.png"]);
});
