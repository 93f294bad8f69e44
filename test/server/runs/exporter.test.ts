import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readDocument } from "../../../graphs/document/index.ts";
import { Exporter, type ExporterOptions } from "../../../server/runs/exporter.ts";
import { temporaryFolder } from "../../support/cli.ts";

test("exports that are not fetched lie about four at a time, whoever asks for more", async () => {
  const folder = temporaryFolder();
  const ask = async (_question: string, { folder }: { folder: string }) => {
    writeFileSync(join(folder, "manifest.json"), "{}");
    return ["manifest.json"];
  };
  const exporter = new Exporter({
    start: () => ({ ask, close: async () => {} }) as unknown as ReturnType<ExporterOptions["start"]>,
    folder,
    quarantine: { problem: () => undefined, noteGraph() {} },
    ballast: { hasRoom: async () => true },
    say() {},
  });
  const document = readDocument({ nodes: [], links: [] });
  const one = () => exporter.export(document, new AbortController().signal);
  const made = [await one(), await one(), await one(), await one()];
  await expect(one()).rejects.toMatchObject({ reason: "unavailable", message: /4 exports are being fetched/ });
  expect(readdirSync(folder).length).toBe(4);
  await made[2].remove();
  await one();
  await expect(one()).rejects.toMatchObject({ reason: "unavailable" });
});
