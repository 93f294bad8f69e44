/** Entries of the sampler library over HTTP: versions that only rise, and names that change in one step. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { contentHash, readDocument, setParameter, writeDocument } from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";
import type { DocumentSummary } from "../../../server/protocol.ts";
import { graph, TestServer } from "../../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.kill("SIGTERM"));

const at = (name: string) => `/api/samplers/${encodeURIComponent(name)}`;
const put = (name: string, body: unknown, headers = {}) => server.post(at(name), body, headers, "PUT");
const rename = (name: string, to: string, headers = {}) => server.post(at(name), { name: to }, headers, "PATCH");
const remove = (name: string) => server.request(at(name), { method: "DELETE" });
const entry = async (name: string) => readDocument(await server.json(at(name)));
const summary = async (name: string) =>
  (await server.json<DocumentSummary[]>("/api/samplers")).find((one) => one.name === name);

/** The same graph with another scale: something else is computed. */
const scaled = (scale: number) =>
  writeDocument(setParameter(readDocument(graph("guided-ddim")), "Build cond_fn.scale", scale, nodes));

test("a save that changes something raises the version, any other does not", async () => {
  await put("mine", scaled(1));
  expect(await summary("mine")).toMatchObject({ version: 1, builtIn: false });
  await put("mine", scaled(1));
  expect(await summary("mine")).toMatchObject({ version: 1 });
  await put("mine", scaled(2));
  await put("mine", scaled(1));
  const { about, ...rest } = await entry("mine");
  expect(about.library).toEqual({ name: "mine", version: 3, hash: contentHash({ ...rest, about }) });
  expect(await summary("mine")).toMatchObject({ version: 3, hash: about.library?.hash });
});

test("what a document claims of its origin does not count", async () => {
  const document = readDocument(scaled(1));
  const library = { name: "other", version: 99, hash: "0" };
  await put("claimed", writeDocument({ ...document, about: { ...document.about, library } }));
  expect((await entry("claimed")).about.library).toMatchObject({ name: "claimed", version: 1 });
});

test("built-in entries are of version 1, and documents that are no entries have none", async () => {
  expect(await summary("guided-ddim")).toMatchObject({ version: 1, builtIn: true });
  await server.post("/api/graphs/plain", scaled(1), {}, "PUT");
  const [plain] = (await server.json<DocumentSummary[]>("/api/graphs")).filter(({ name }) => name === "plain");
  expect(plain).not.toHaveProperty("version");
});

test("a deleted name comes back as it was, or above the version it had", async () => {
  await put("gone", scaled(1));
  await put("gone", scaled(2));
  const text = await (await server.request(at("gone"))).text();
  await remove("gone");
  expect(await summary("gone")).toBeUndefined();
  await put("gone", text);
  expect(await summary("gone")).toMatchObject({ version: 2 });
  await remove("gone");
  await put("gone", scaled(3));
  expect(await summary("gone")).toMatchObject({ version: 3 });
});

test("a rename keeps document and version, and leaves nothing of the old name", async () => {
  await put("first name", scaled(1));
  await put("first name", scaled(2));
  const before = await entry("first name");
  const done = await rename("first name", "Second name");
  expect([done.status, await done.json()]).toEqual([200, { name: "Second name" }]);
  expect(await summary("first name")).toBeUndefined();
  expect(await summary("Second name")).toMatchObject({ version: 2, formerly: ["first name"] });
  const after = await entry("Second name");
  expect(after).toEqual({
    ...before,
    about: { ...before.about, library: { ...before.about.library, name: "Second name" } },
  });
  const read = await server.request(at("Second name"));
  expect(done.headers.get("etag")).toBe(read.headers.get("etag"));
  await rename("Second name", "Third name");
  expect((await summary("Third name"))?.formerly?.toSorted()).toEqual(["Second name", "first name"]);
  await rename("Third name", "Second name");
  expect(await summary("Second name")).toMatchObject({ version: 3 });
  expect((await summary("Second name"))?.formerly?.toSorted()).toEqual(["Third name", "first name"]);
  await put("first name", scaled(5));
  expect(await summary("first name")).toMatchObject({ version: 3 });
  await remove("Second name");
  await rename("first name", "Second name");
  expect(await summary("Second name")).toMatchObject({ version: 4 });
});

test("a rename is refused onto a name that is taken, of what is built in, changed meanwhile, or not there", async () => {
  await put("one", scaled(1));
  await put("two", scaled(2));
  const status = async (reply: Promise<Response>) => (await reply).status;
  expect(await status(rename("one", "two"))).toBe(409);
  expect(await status(rename("one", "guided-ddim"))).toBe(409);
  expect(await status(rename("guided-ddim", "three"))).toBe(409);
  expect(await status(rename("nothing", "three"))).toBe(404);
  expect(await status(rename("one", "a/b"))).toBe(400);
  expect(await status(server.post(at("one"), { nom: "three" }, {}, "PATCH"))).toBe(400);
  const etag = (await server.request(at("one"))).headers.get("etag") ?? "";
  await put("one", scaled(3));
  expect(await status(rename("one", "three", { "If-Match": etag }))).toBe(412);
  expect((await entry("one")).about.library?.version).toBe(2);
  expect((await entry("two")).about.library?.version).toBe(1);
});

test("of renames and saves at once each is done whole: one name wins, and no entry is lost or doubled", async () => {
  await put("racer", scaled(1));
  const replies = await Promise.all(["a", "b", "c"].map((to) => rename("racer", `racer ${to}`)));
  expect(replies.map(({ status }) => status).sort()).toEqual([200, 404, 404]);
  const files = readdirSync(join(server.data, "samplers")).filter((name) => /^racer.*\.json$/.test(name));
  expect(files).toHaveLength(1);
});
