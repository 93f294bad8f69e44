/** The export that the editor asks for: the files that `guidegraph export` writes, as one archive. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { documentBuilder, writeDocument } from "../../graphs/document/index.ts";
import { examples } from "../../graphs/recipes/index.ts";
import { nodes } from "../../nodes/index.ts";
import { exportNotesHeader } from "../../server/protocol.ts";
import { guidegraph, temporaryFolder } from "../support/cli.ts";
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
  const b = documentBuilder(nodes, { title: "Noise, scaled" });
  const noise = b.add("guidegraph/gaussian-noise", { height: 8, batch: 2 });
  const x = b.add("guidegraph/scale", { tensor: noise.out("x_T"), scale: 0.5 }).out("tensor");
  b.add("guidegraph/save-png", { images: b.add("guidegraph/decode-image", { x }).out("image") });
  const document = b.document();
  const before = folders();
  const reply = await ask(writeDocument(document));
  expect(reply.status).toBe(200);
  const notes = JSON.parse(decodeURIComponent(reply.headers.get(exportNotesHeader)!));
  const files = unzipSync(new Uint8Array(await reply.arrayBuffer()));

  const folder = temporaryFolder();
  const [graph, out] = [join(folder, "graph.json"), join(folder, "out")];
  writeFileSync(graph, JSON.stringify(writeDocument(document)));
  const { code, err } = await guidegraph(["export", graph, "-o", out]);
  expect({ code, err }).toEqual({ code: 0, err: notes });
  expect(notes).toContain("“Save PNG” is left out: it saves a file; what it is given is an output");
  expect(Object.keys(files).sort()).toEqual(readdirSync(out).sort());
  for (const [name, bytes] of Object.entries(files))
    expect(Buffer.compare(bytes, readFileSync(join(out, name))), name).toBe(0);
  expect(folders().filter((name) => !before.includes(name))).toEqual([]);
});

test("what cannot be exported is refused by its node, in the same words", async () => {
  const reply = await ask(writeDocument(examples.trajectory()));
  expect(reply.status).toBe(422);
  const { errors } = (await reply.json()) as { errors: { message: string; node?: string }[] };
  expect(errors[0].message).toContain("“Collect” cannot be exported: it collects what several steps give");
  expect(errors[0].node).toMatch(/^\d+\/\d+$/);
  expect((await ask({ nodes: 3 })).status).toBe(400);
});
