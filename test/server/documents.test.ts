import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readDocument, writeDocument } from "../../graphs/document/index.ts";
import type { NodeDescription } from "../../nodes/index.ts";
import { nodes } from "../../nodes/index.ts";
import { graph, TestServer } from "../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.kill("SIGTERM"));

const put = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  server.post(path, body, headers, "PUT");
const rename = (path: string, name: string, headers: Record<string, string> = {}) =>
  server.post(path, { name }, headers, "PATCH");
const remove = (path: string) => server.request(path, { method: "DELETE" });

test("every node is described as data", async () => {
  const described = await server.json<NodeDescription[]>("/api/nodes");
  expect(described.map(({ type }) => type)).toEqual(Object.keys(nodes));
  expect(described.find(({ type }) => type === "guidegraph/condition-mean")).toMatchObject({
    title: "Condition Mean",
    inputs: [
      { name: "prediction", kind: "prediction" },
      { name: "gradient", kind: "tensor" },
    ],
  });
});

test.each(["graphs", "samplers"])("%s: a document is stored, listed, read, replaced and deleted", async (kind) => {
  const document = graph("guided-ddim");
  const path = `/api/${kind}/${encodeURIComponent("Grüner Stern (2)")}`;
  const stored = await put(path, document);
  expect([stored.status, await stored.json()]).toEqual([201, { name: "Grüner Stern (2)" }]);
  const read = await server.request(path);
  const { about, ...rest } = readDocument(await read.json());
  const { library: _, ...kept } = about;
  expect({ ...rest, about: kept }).toEqual(readDocument(document));
  const tags = [stored, read].flatMap(({ headers }) => [headers.get("etag"), headers.get("document-etag")]);
  expect(tags).toEqual(Array(4).fill(expect.stringMatching(/^"[0-9a-f]{32}"$/)));
  expect(new Set(tags).size).toBe(1);
  expect(await server.json(`/api/${kind}`)).toContainEqual(
    expect.objectContaining({
      name: "Grüner Stern (2)",
      etag: stored.headers.get("etag"),
      title: "Guided DDIM",
      builtIn: false,
    }),
  );
  expect((await put(path, graph("unguided-ddpm"))).status).toBe(200);
  expect((await remove(path)).status).toBe(204);
  expect((await remove(path)).status).toBe(404);
  expect((await server.request(path)).status).toBe(404);
});

test("what comes with the program can be read and not changed", async () => {
  const listed = await server.json<{ name: string; builtIn: boolean; hash: string }[]>("/api/samplers");
  expect(listed.filter(({ builtIn }) => builtIn).map(({ name }) => name)).toContain("guided-ddim");
  const read = await server.request("/api/samplers/guided-ddim");
  expect([read.status, read.headers.has("etag"), read.headers.has("document-etag")]).toEqual([200, true, false]);
  expect((await put("/api/samplers/guided-ddim", graph("guided-ddim"))).status).toBe(409);
  expect((await remove("/api/graphs/guided-ddim")).status).toBe(409);
  expect((await rename("/api/graphs/guided-ddim", "mine")).status).toBe(409);
});

test("one's own whose name an update has brought can be given another, on its own condition", async () => {
  writeFileSync(join(server.data, "graphs", "guided-ddim.json"), JSON.stringify(graph("unguided-ddpm")));
  const listed = await server.json<{ name: string; builtIn: boolean; etag: string }[]>("/api/graphs");
  const [example, own] = listed.filter(({ name }) => name === "guided-ddim");
  expect([example.builtIn, own.builtIn]).toEqual([true, false]);
  const to = "/api/graphs/guided-ddim";
  expect((await rename(to, "saved-again", { "If-Match": example.etag })).status).toBe(412);
  const renamed = await rename(to, "saved-again", { "If-Match": own.etag });
  expect([renamed.status, renamed.headers.get("document-etag")]).toEqual([200, own.etag]);
  expect((await rename(to, "once-more")).status).toBe(409);
  expect((await remove("/api/graphs/saved-again")).status).toBe(204);
});

test("a document that was changed meanwhile is not written over", async () => {
  const document = graph("guided-ddim");
  const changed = writeDocument({ ...readDocument(document), about: { title: "Other", versions: {} } });
  const first = await put("/api/graphs/shared", document, { "If-None-Match": "*" });
  const etag = first.headers.get("etag") ?? "";
  expect((await put("/api/graphs/shared", changed, { "If-None-Match": "*" })).status).toBe(412);
  const both = await Promise.all([1, 2].map(() => put("/api/graphs/shared", changed, { "If-Match": etag })));
  expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
  expect((await put("/api/graphs/gone", document, { "If-Match": etag })).status).toBe(412);
});

test("a document is no second time under another name, unless somebody asks for no condition", async () => {
  const document = writeDocument({
    ...readDocument(graph("guided-ddim")),
    about: { id: "once", title: "Once", versions: {} },
  });
  const asNew = { "If-None-Match": "*" };
  expect((await put("/api/graphs/once", document, asNew)).status).toBe(201);
  const refused = await put("/api/graphs/twice", document, asNew);
  expect(refused.status).toBe(412);
  expect(await refused.text()).toContain('This document is here as \\"once\\"');
  expect((await put("/api/graphs/twice", document)).status).toBe(201);
  for (const name of ["once", "twice"]) expect((await remove(`/api/graphs/${name}`)).status).toBe(204);
  expect((await put("/api/graphs/twice", document, asNew)).status).toBe(201);
  expect((await remove("/api/graphs/twice")).status).toBe(204);
});

test("names are plain, and a hostile one reaches no file", async () => {
  const document = graph("guided-ddim");
  // The server takes its ballast when it finds the time.
  const files = () =>
    readdirSync(server.data)
      .filter((name) => name !== "ballast")
      .sort();
  const before = files();
  for (const name of [
    "..%2fx",
    "%2e%2e%2f%2e%2e%2fx",
    ".x",
    "x%2fy",
    "x%5cy",
    "x%00",
    "CON",
    "con.x",
    "x.",
    "x".repeat(101),
  ])
    for (const kind of ["graphs", "samplers"]) {
      expect([name, (await put(`/api/${kind}/${name}`, document)).status]).toEqual([name, 400]);
      expect([name, (await server.request(`/api/${kind}/${name}`)).status]).toEqual([name, 404]);
      expect([name, (await remove(`/api/${kind}/${name}`)).status]).toEqual([name, 404]);
      expect([name, (await rename(`/api/${kind}/${name}`, "y")).status]).toEqual([name, 404]);
      expect([name, (await rename(`/api/${kind}/x`, decodeURIComponent(name))).status]).toEqual([name, 400]);
    }
  expect(files()).toEqual(before);
  expect(readdirSync(join(server.data, "graphs")).filter((name) => name !== "shared.json")).toEqual([]);
});

test("a name in parts of letters, as some systems give it, is the same name", async () => {
  const [parts, whole] = ["Caf\u0065\u0301 2", "Caf\u00e9 2"].map(encodeURIComponent);
  const stored = await put(`/api/graphs/${parts}`, graph("guided-ddim"));
  expect([stored.status, await stored.json()]).toEqual([201, { name: "Caf\u00e9 2" }]);
  for (const name of [parts, whole]) expect((await server.request(`/api/graphs/${name}`)).status).toBe(200);
  expect((await rename(`/api/graphs/${parts}`, "e\u0301t\u0301")).status).toBe(200);
  expect((await remove(`/api/graphs/${encodeURIComponent("\u00e9t\u0301")}`)).status).toBe(204);
  const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } })
    .png()
    .toBuffer();
  const picture = await server.request(`/api/images?name=${parts}.png`, {
    method: "POST",
    body: new Uint8Array(png),
    headers: { "Content-Type": "image/png" },
  });
  expect(await picture.json()).toMatchObject({ id: "Caf\u00e9 2.png" });
});

test("a document that is none is refused with every problem; reserved keys are data like any other", async () => {
  const bad = await put("/api/graphs/bad", { nodes: [{ id: -1, type: "" }], links: "x" });
  expect(bad.status).toBe(400);
  expect(((await bad.json()) as { errors: object[] }).errors.length).toBeGreaterThan(1);
  const node =
    '{"id":1,"type":"guidegraph/number","properties":{"__proto__":{"polluted":1},"constructor":1,"value":2}}';
  const odd = await put("/api/graphs/odd", `{"nodes":[${node}],"links":[],"__proto__":{"polluted":1}}`);
  expect(odd.status).toBe(201);
  const text = await (await server.request("/api/graphs/odd")).text();
  expect(text).not.toMatch(/__proto__|constructor|polluted/);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect((await put("/api/graphs/deep", `${'{"nodes":'.repeat(5000)}1${"}".repeat(5000)}`)).status).toBe(400);
  expect((await server.request("/api/health")).status).toBe(200);
});
