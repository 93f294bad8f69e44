/** A file that is another than at the last run is seen at the next, without a restart. */
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encode } from "fast-png";
import { afterAll, beforeAll, expect, test } from "vitest";
import { documentBuilder, writeDocument } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { bundledModels } from "../../server/files/package-root.ts";
import { quick, TestServer } from "../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.kill("SIGTERM"));

/** The hashes of what a run saves. */
async function outputs(body: object): Promise<readonly string[]> {
  const events = await server.eventsOf(await server.submit(body));
  expect(events.at(-1)).toMatchObject({ state: "succeeded" });
  return events.flatMap((event) => (event.type === "output" && event.mime === "image/png" ? [event.sha256] : []));
}

/** Runs twice as it is, then after each change: only a change makes another picture. */
async function expectSeen(body: object, changes: readonly (() => void)[]): Promise<void> {
  const first = await outputs(body);
  expect(first).toHaveLength(1);
  expect(await outputs(body)).toEqual(first);
  const seen = new Set(first);
  for (const change of changes) {
    change();
    for (const hash of await outputs(body)) seen.add(hash);
  }
  expect(seen.size).toBe(1 + changes.length);
}

test("a picture", async () => {
  const write = (value: number) => {
    const data = new Uint8Array(16 * 16 * 3).fill(value);
    writeFileSync(join(server.data, "images", "a.png"), encode({ width: 16, height: 16, channels: 3, depth: 8, data }));
  };
  write(10);
  const b = documentBuilder(nodes, { title: "Picture" });
  const image = b.add("guidegraph/load-image", { file: "a.png" });
  b.add("guidegraph/save-png", { images: image.out("image"), name: "again" });
  await expectSeen({ graph: writeDocument(b.document()) }, [() => write(20), () => write(30)]);
});

test("a card, and a checkpoint", async () => {
  const place = (model: string) => {
    for (const ending of ["pt", "json"])
      copyFileSync(join(bundledModels, `${model}.${ending}`), join(server.data, "models", `mine.${ending}`));
  };
  const card = join(server.data, "models", "mine.json");
  place("shapes32_diffusion");
  const changed = () => {
    const flags = JSON.parse(readFileSync(card, "utf8"));
    writeFileSync(card, JSON.stringify({ ...flags, predict_xstart: flags.predict_xstart !== true }));
  };
  const body = { ...quick, set: { ...quick.set, "Load UNet.file": "mine.pt" } };
  await expectSeen(body, [changed, () => place("shapes32_weak")]);
});
