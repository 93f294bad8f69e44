/** What hangs or swells when it is looked at: told, replaced, held; everything else goes on. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentBuilder, writeDocument } from "../../graphs/document/index.ts";
import { graphBuilder, writeModel } from "../../onnx/index.ts";
import { registryWith } from "../../server/engine/own-nodes.ts";
import { packageRoot } from "../../server/files/package-root.ts";
import type { Health, ModelSummary, Problem } from "../../server/protocol.ts";
import { type Server, serve } from "../../server/serve.ts";
import type { Bounds } from "../../server/supervisor/worker-role.ts";
import { temporaryFolder, testCache } from "../support/cli.ts";
import { tiny } from "../support/server.ts";

/** The machine may be busy: nothing that ends is deaf for so long. */
const hasty: Bounds = { quietMs: 4_000 };
/** A process that has looked at nothing yet holds a third of it. */
const small: Bounds = { memoryBytes: 400 * 2 ** 20, heapMiB: 96 };
const poisonedNodes = join(packageRoot, "test", "fixtures", "nodes", "poisoned.mjs");
const registry = await registryWith([poisonedNodes]);

/** A model that is read as far as the flags in it. */
async function poisonedModel(how: string): Promise<Uint8Array<ArrayBuffer>> {
  const op = graphBuilder();
  op.output("y", op.Neg(op.input("x", "float32", ["N", 3, 4, 4])), "float32", ["N", 3, 4, 4]);
  return new Uint8Array(await writeModel(op.model("poisoned", 18, { flags: JSON.stringify({ poison: how }) })));
}

function poisonedGraph(how: string): { graph: object } {
  const b = documentBuilder(registry, { title: "Poisoned" });
  b.add("guidegraph/poisoned", { how });
  return { graph: writeDocument(b.document()) };
}

/** The server of the tests that run now; its models folder has a model that does `how`. */
let server: Server;
let models: string;
const withServer = (how: string, planning: Bounds) => {
  beforeAll(async () => {
    const data = temporaryFolder();
    models = join(data, "models");
    mkdirSync(models);
    writeFileSync(join(models, `${how}.onnx`), await poisonedModel(how));
    server = await serve({
      port: 0,
      host: "127.0.0.1",
      data,
      access: "open",
      origins: [],
      deadlineMs: 600_000,
      models: [],
      images: [],
      nodes: [poisonedNodes],
      cache: testCache,
      backend: "cpu",
      threads: 1,
      planning,
      say: () => {},
    });
  });
  afterAll(() => server.close(0));
};

const request = (path: string, init: RequestInit = {}) =>
  fetch(server.url + path, { ...init, headers: { Origin: server.url, ...init.headers } });
const post = (path: string, body: object) =>
  request(path, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
const json = async <T>(path: string): Promise<T> => (await (await request(path)).json()) as T;
const problemOf = async (reply: Response) => {
  const { errors } = (await reply.json()) as { errors: readonly [Problem] };
  return { status: reply.status, ...errors[0] };
};
const listed = async (): Promise<Record<string, ModelSummary>> =>
  Object.fromEntries((await json<ModelSummary[]>("/api/models")).map((model) => [model.id, model]));

/** What health says once something is stuck; each time it must say something at once. */
async function stuck(): Promise<Health["stuck"]> {
  for (let i = 0; i < 200; i++) {
    const asked = performance.now();
    const health = await json<Health>("/api/health");
    expect(performance.now() - asked).toBeLessThan(1_000);
    if (health.stuck) return health.stuck;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return undefined;
}

/** A graph that is not endured is answered with the reason, and the next one soon. */
async function expectRefused(how: string, why: string): Promise<void> {
  const first = post("/api/runs", poisonedGraph(how));
  const next = post("/api/runs", tiny);
  expect(await problemOf(await first)).toEqual({ status: 503, message: `Looking at this graph ${why}` });
  const started = performance.now();
  const reply = await next;
  console.info(`${how}: the next one was answered ${Math.round(performance.now() - started)} ms later`);
  expect(reply.status).toBe(201);
  expect(performance.now() - started).toBeLessThan(30_000);
  // The device was at it, too.
  const { id } = (await reply.json()) as { id: string };
  const state = async () => (await json<{ state: string }>(`/api/runs/${id}`)).state;
  await expect.poll(state, { timeout: 60_000 }).toBe("succeeded");
}

describe("what hangs", () => {
  withServer("hangs", hasty);
  const late = "took longer than 4 s, and was ended";

  test("is listed with the reason, beside what is well; health tells of it meanwhile", async () => {
    const models = listed();
    expect(await stuck()).toMatchObject({
      question: "model",
      file: "hangs.onnx",
      since: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(await models).toMatchObject({
      "hangs.onnx": { problem: `Looking at this model ${late}` },
      "shapes32_diffusion.pt": { role: "unet" },
    });
    expect((await json<Health>("/api/health")).stuck).toBeUndefined();
  });

  test("is held after the second time, until it is allowed again", async () => {
    await listed();
    expect((await listed())["hangs.onnx"].problem).toBe(
      `Looking at "hangs.onnx" failed twice: it ${late}; allow it again to look at it`,
    );
    const held = await problemOf(await post("/api/facts", { role: "unet", file: "hangs.onnx" }));
    expect(held).toMatchObject({ status: 409, quarantine: expect.any(String) });
    expect(await json("/api/quarantine")).toMatchObject([{ id: held.quarantine, models: ["hangs.onnx"], crashes: 2 }]);
    const b = documentBuilder(registry, { title: "Names it" });
    b.add("guidegraph/load-unet", { file: "hangs.onnx" });
    expect(await problemOf(await post("/api/runs", { graph: writeDocument(b.document()) }))).toEqual(held);
    expect((await request(`/api/quarantine/${held.quarantine}`, { method: "DELETE" })).status).toBe(200);
    expect(await json("/api/quarantine")).toEqual([]);
  });

  test("in a graph, is answered with the reason", () => expectRefused("hangs", late));

  test("in an upload, is seen before the file is in its folder", async () => {
    const before = readdirSync(models);
    const reply = request("/api/models?name=new.onnx", {
      method: "POST",
      body: await poisonedModel("hangs"),
      headers: { "Content-Type": "application/octet-stream" },
    });
    expect(await stuck()).toMatchObject({ question: "newModel" });
    expect(readdirSync(models).filter((name) => !name.startsWith("."))).toEqual(before);
    expect(await problemOf(await reply)).toEqual({ status: 503, message: `Looking at this model ${late}` });
    expect(readdirSync(models)).toEqual(before);
  });
});

describe("what swells", () => {
  withServer("swells", small);
  const large = "took more memory than this server gives, and was ended";

  test("is listed with the reason, beside what is well", async () => {
    expect(await listed()).toMatchObject({
      "swells.onnx": { problem: `Looking at this model ${large}` },
      "shapes32_diffusion.pt": { role: "unet" },
    });
  });

  test("in a graph, is answered with the reason", () => expectRefused("swells", large));

  test("in a graph, as objects without end, is answered with the reason", () => expectRefused("grows", large));
});
