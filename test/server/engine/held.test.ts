/** A file that becomes another between a plan and its run. */
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encode } from "fast-png";
import { lastValueFrom } from "rxjs";
import { describe, expect, test } from "vitest";
import { documentBuilder, type GraphDocument } from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";
import { planDocument, runDocument } from "../../../server/engine/documents.ts";
import { engine } from "../../../server/engine/engine.ts";
import { bundledModels } from "../../../server/files/package-root.ts";
import { nativeProvider } from "../../../server/providers/native.ts";
import { temporaryFolder, testCache } from "../../support/cli.ts";
import { memoryStore } from "../../support/memory-store.ts";

const folder = temporaryFolder();
const opened = engine({
  models: [folder],
  images: [folder],
  cache: testCache,
  environment: {},
  provider: async () => nativeProvider("cpu", { threads: 1 }),
});
const paint = (value: number) =>
  writeFileSync(
    join(folder, "a.png"),
    encode({ width: 4, height: 4, channels: 3, depth: 8, data: new Uint8Array(48).fill(value) }),
  );
const place = (model: string) => {
  for (const ending of ["pt", "json"])
    copyFileSync(join(bundledModels, `${model}.${ending}`), join(folder, `mine.${ending}`));
};

function picture(): GraphDocument {
  const b = documentBuilder(nodes, { title: "Picture" });
  const image = b.add("guidegraph/load-image", { file: "a.png" }).out("image");
  b.add("guidegraph/save-png", { images: image, name: "again" });
  return b.document();
}

function model(): GraphDocument {
  const b = documentBuilder(nodes, { title: "Model" });
  const model = b.add("guidegraph/load-unet", { file: "mine.pt" }).out("model");
  const noise = b.add("guidegraph/gaussian-noise", { model, batch: 1 }).out("x_T");
  const schedule = b.add("guidegraph/diffusion-schedule", { model }).out("schedule");
  const step = b.add("guidegraph/schedule-step", { schedule, index: 1 }).out("step");
  const out = b.add("guidegraph/predict", { model, x: noise, step }).out("model_output");
  const prediction = b.add("guidegraph/mean-variance", { model_output: out, x: noise, step }).out("prediction");
  const x = b.add("guidegraph/ddim-step", { prediction }).out("x");
  b.add("guidegraph/save-png", { images: b.add("guidegraph/decode-image", { x }).out("image"), name: "a" });
  return b.document();
}

/** What a run says whose plan was made before the change, or that had done a batch of two before it. */
async function ranAfter(document: GraphDocument, change: () => void, isBetween = false): Promise<unknown> {
  const planned = await planDocument(opened, document);
  if (!isBetween) change();
  const files = new Map<string, Uint8Array>();
  const options = isBetween ? { batches: 2, note: async (batch: number) => (batch === 0 ? change() : undefined) } : {};
  const end = await lastValueFrom(runDocument(opened, planned, memoryStore(files), options)).then(
    () => "succeeded",
    (error: Error) => error.message,
  );
  return files.size === 0 ? end : [end, ...files.keys()];
}

describe("a run whose plan was made before a file was replaced is refused in one sentence, and nothing is saved", () => {
  const sentence = (what: string) => `${what} was replaced by another file after this run was planned: run it again`;

  test("a picture", async () => {
    paint(10);
    expect(await ranAfter(picture(), () => paint(20))).toBe(sentence('Picture "a.png"'));
    expect(await ranAfter(picture(), () => {})).toEqual(["succeeded", "again-0000.png"]);
  });

  test("a checkpoint, and its card", async () => {
    place("shapes32_diffusion");
    expect(await ranAfter(model(), () => {})).toEqual(["succeeded", "a-0000.png"]);
    expect(await ranAfter(model(), () => place("shapes32_weak"))).toBe(sentence('UNet "mine.pt"'));
    const card = join(folder, "mine.json");
    const flags = JSON.parse(readFileSync(card, "utf8"));
    const changed = () =>
      writeFileSync(card, JSON.stringify({ ...flags, predict_xstart: flags.predict_xstart !== true }));
    expect(await ranAfter(model(), changed)).toBe(sentence('UNet "mine.pt"'));
  });
});

test("a run that has its networks is drawn to the end, whatever becomes of their files", async () => {
  const changes = { replaced: () => place("shapes32_weak"), gone: () => rmSync(join(folder, "mine.pt")) };
  for (const change of Object.values(changes)) {
    place("shapes32_diffusion");
    expect(await ranAfter(model(), change, true)).toEqual(["succeeded", "a-0000.png", "a-0001.png"]);
  }
});
