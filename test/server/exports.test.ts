/** The export that the editor asks for: the files that `guidegraph export` writes, as one archive. */
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { setParameter, writeDocument } from "../../graphs/document/index.ts";
import { examples } from "../../graphs/recipes/index.ts";
import { nodes } from "../../nodes/index.ts";
import { exportNotesHeader } from "../../server/protocol.ts";
import { guidegraph } from "../support/cli.ts";
import { TestServer } from "../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.kill("SIGTERM"));

const ask = (graph: unknown) =>
  server.request("/api/exports", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(graph),
  });

const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith("guidegraph-export-"));

test("an archive has the files that the command line writes, to the byte, and is told with what is left out", async () => {
  const document = setParameter(examples["class-conditional-ddim"](), "Wanted shape.classes", "3,4", nodes);
  const before = folders();
  const reply = await ask(writeDocument(document));
  expect(reply.status).toBe(200);
  const notes = JSON.parse(decodeURIComponent(reply.headers.get(exportNotesHeader)!));
  const files = unzipSync(new Uint8Array(await reply.arrayBuffer()));

  const out = mkdtempSync(join(tmpdir(), "guidegraph-"));
  const set = ["--set", "Wanted shape.classes=3,4"];
  const { code, err } = await guidegraph(["export", "class-conditional-ddim", ...set, "-o", out]);
  expect({ code, err }).toEqual({ code: 0, err: notes });
  expect(notes).toContain("“Save PNG” is left out: it saves a file; what it is given is an output");
  expect(Object.keys(files).sort()).toEqual(readdirSync(out).sort());
  for (const [name, bytes] of Object.entries(files))
    expect(Buffer.compare(bytes, readFileSync(join(out, name))), name).toBe(0);
  expect(folders().filter((name) => !before.includes(name))).toEqual([]);
}, 120_000);

test("what cannot be exported is refused by its node, in the same words", async () => {
  const reply = await ask(writeDocument(examples.trajectory()));
  expect(reply.status).toBe(422);
  const { errors } = (await reply.json()) as { errors: { message: string; node?: string }[] };
  expect(errors[0].message).toContain("“Collect” cannot be exported: it collects what several steps give");
  expect(errors[0].node).toMatch(/^\d+\/\d+$/);
  expect((await ask({ nodes: 3 })).status).toBe(400);
});
