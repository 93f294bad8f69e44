/** The export that the editor asks for: the files that `guidegraph export` writes, as one archive. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { documentBuilder, writeDocument } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { registryWith } from "../../server/engine/own-nodes.ts";
import { packageRoot } from "../../server/files/package-root.ts";
import type { Problem } from "../../server/protocol.ts";
import { guidegraph, temporaryFolder } from "../support/cli.ts";
import { TestServer, tiny } from "../support/server.ts";

const poisonedNodes = join(packageRoot, "test", "fixtures", "nodes", "poisoned.mjs");
const registry = await registryWith([poisonedNodes]);

let server: TestServer;
beforeAll(async () => {
  const data = temporaryFolder();
  const left = join(data, "exports", "export-left");
  mkdirSync(left, { recursive: true });
  writeFileSync(join(left, "sampler.onnx"), "of a server that was killed");
  server = await TestServer.start({ data, args: ["--nodes", poisonedNodes] });
});
afterAll(() => server.kill("SIGTERM"));

const ask = (graph: unknown, signal?: AbortSignal) =>
  server.request("/api/exports", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(graph),
    ...(signal && { signal }),
  });
const problemsIn = async (reply: Response) => ((await reply.json()) as { errors: readonly Problem[] }).errors;
const underWay = () => readdirSync(join(server.data, "exports"));

/** A graph that ends, or never answers, the process that plans it, and names a model. */
function poisoned(how: string): object {
  const b = documentBuilder(registry, { title: "Poisoned" });
  b.add("guidegraph/poisoned", { how });
  b.add("guidegraph/load-unet", { file: "shapes32_diffusion.pt" });
  return writeDocument(b.document());
}

/** A step reads what the steps before it collected, which no export can. */
const unfit = (() => {
  const b = documentBuilder(nodes, { title: "Unfit" });
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "2" }).out("schedule");
  const loop = b.loop(
    "Loop",
    { schedule, x: b.add("guidegraph/gaussian-noise", { height: 8 }).out("x_T") },
    (inner) => {
      const given = { tensor: inner.input("x", "tensor"), before: inner.input("all", "tensor") };
      const tensor = inner.add("guidegraph/collect", given).out("tensor");
      inner.output("x", "tensor", inner.add("guidegraph/scale", { tensor: given.tensor, scale: 0.5 }).out("tensor"));
      inner.output("all", "tensor", tensor);
      inner.output("mean", "tensor", inner.add("guidegraph/reduce", { tensor, by: "mean" }).out("tensor"));
    },
  );
  b.add("guidegraph/save-tensor", { tensor: loop.out("mean") });
  return writeDocument(b.document());
})();

test("what an earlier server left of an export is gone", () => expect(underWay()).toEqual([]));

test("an archive has the files that the command line writes, to the byte; the first tells what is left out", async () => {
  const b = documentBuilder(nodes, { title: "Noise, scaled" });
  const noise = b.add("guidegraph/gaussian-noise", { height: 8, batch: 2 });
  const x = b.add("guidegraph/scale", { tensor: noise.out("x_T"), scale: 0.5 }).out("tensor");
  b.add("guidegraph/save-png", { images: b.add("guidegraph/decode-image", { x }).out("image") });
  const document = b.document();
  const reply = await ask(writeDocument(document));
  expect(reply.status).toBe(200);
  const files = unzipSync(new Uint8Array(await reply.arrayBuffer()));
  expect(Object.keys(files)[0]).toBe("manifest.json");
  const { notes } = JSON.parse(new TextDecoder().decode(files["manifest.json"]));

  const folder = temporaryFolder();
  const [graph, out] = [join(folder, "graph.json"), join(folder, "out")];
  writeFileSync(graph, JSON.stringify(writeDocument(document)));
  const { code, err } = await guidegraph(["export", graph, "-o", out]);
  expect({ code, err }).toEqual({ code: 0, err: notes });
  expect(notes).toContain("“Save PNG” is left out: it saves a file; what it is given is an output");
  expect(Object.keys(files).sort()).toEqual(readdirSync(out).sort());
  for (const [name, bytes] of Object.entries(files))
    expect(Buffer.compare(bytes, readFileSync(join(out, name))), name).toBe(0);
  expect(underWay()).toEqual([]);
});

test("what cannot be exported is refused by its node, in the same words", async () => {
  const reply = await ask(unfit);
  expect(reply.status).toBe(422);
  const [{ message, node }] = await problemsIn(reply);
  expect(message).toContain("“Collect” cannot be exported: it collects what several steps give");
  expect(node).toMatch(/^\d+\/\d+$/);
  expect((await ask({ nodes: 3 })).status).toBe(400);
});

test("while one is under way others are told to come again, runs and looks go on, and who leaves ends it", async () => {
  const before = server.workers();
  const leaving = new AbortController();
  const first = ask(poisoned("hangs"), leaving.signal);
  await expect.poll(underWay).toHaveLength(1);
  const second = await ask(unfit);
  expect([second.status, second.headers.get("Retry-After")]).toEqual([503, "5"]);
  expect(await problemsIn(second)).toEqual([
    { message: "Another graph is being exported: try again when that is done" },
  ]);
  const run = await server.submit(tiny);
  expect((await server.eventsOf(run)).at(-1)).toMatchObject({ state: "succeeded" });
  expect(await server.json("/api/models")).toContainEqual(expect.objectContaining({ id: "shapes32_diffusion.pt" }));

  leaving.abort();
  await expect(first).rejects.toThrow();
  await expect.poll(underWay).toEqual([]);
  await expect.poll(() => server.workers()).toEqual(before);
  // The next one finds its place free.
  await expect.poll(async () => (await ask(unfit)).status).toBe(422);
  expect(server.log.filter((line) => /unexpected/i.test(line))).toEqual([]);
}, 60_000);

test("models whose export ends its process twice are held, for exports and for runs", async () => {
  for (let i = 0; i < 2; i++) {
    const reply = await ask(poisoned("dies"));
    expect(reply.status).toBe(503);
    expect((await problemsIn(reply))[0].message).toBe(
      "Looking at the export of this graph ended its process (SIGABRT)",
    );
  }
  const held = await ask(poisoned("dies"));
  expect(held.status).toBe(409);
  const [{ message, quarantine }] = await problemsIn(held);
  expect(message).toMatch(/^Runs with "shapes32_diffusion.pt" ended their process twice/);
  const run = await server.post("/api/runs", { graph: poisoned("dies") });
  expect([run.status, (await problemsIn(run))[0].quarantine]).toEqual([409, quarantine]);
  expect((await server.request(`/api/quarantine/${quarantine}`, { method: "DELETE" })).status).toBe(200);
  expect(underWay()).toEqual([]);
}, 60_000);
