/** Graphs and files of strangers at the server's border: what is refused, in which words, and that nothing else happens. */
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodePng, textChunk, withText } from "../../runtime/codecs/index.ts";
import { bundledModels } from "../../server/files/package-root.ts";
import { graph, pathIn, quick, TestServer, tiny } from "../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.kill("SIGTERM"));

type Problems = readonly { readonly message: string; readonly node?: string; readonly port?: string }[];

/** Submits a body that must be refused, and gives what is wrong with it. Whatever it was, the server answers on. */
async function refused(body: unknown, status: number): Promise<Problems> {
  const reply = await server.post("/api/runs", body);
  const text = await reply.text();
  expect([reply.status, text.slice(0, 300)]).toEqual([status, expect.stringMatching(/^\{"errors":\[/)]);
  expect(text).not.toMatch(/node_modules|\.js:\d/);
  expect((await server.request("/api/health")).status).toBe(200);
  return JSON.parse(text).errors;
}

describe("a graph that is too much is refused with its limit:", () => {
  const nested = (depth: number) => `{"graph":{"nodes":${"[".repeat(depth)}${"]".repeat(depth)}}}`;
  const node = (id: number) => ({ id, type: "guidegraph/note", pos: [0, 0], size: [1, 1], properties: {} });
  const many = (length: number) => Array.from({ length }, (_, i) => i + 1);
  const cases: Readonly<Record<string, readonly [unknown, RegExp]>> = {
    "more than 32 levels": [nested(33), /nested more than 32 levels/],
    "5,000 levels": [nested(5_000), /nested more than 64 levels/],
    "a million levels": [nested(1_000_000), /nested more than 64 levels/],
    "a text of a million levels": [{ graph: "[".repeat(1_000_000) }, /nested more than 32 levels/],
    "2,001 nodes": [{ graph: { nodes: many(2_001).map(node), links: [] } }, /more than 2000 nodes/],
    "10,001 links": [
      { graph: { nodes: [], links: many(10_001).map((id) => [id, 1, 0, 2, 0, ""]) } },
      /more than 10000 links/,
    ],
    "a text of 64 KiB and one": [
      { graph: { nodes: [], links: [], extra: { a: "x".repeat(65_537) } } },
      /limit is 65536/,
    ],
    "an object of 10,001 keys": [
      { graph: { nodes: [], links: [], extra: Object.fromEntries(many(10_001).map((i) => [`k${i}`, 1])) } },
      /10001 keys, the limit is 10000/,
    ],
    "a list of a million": [
      `{"graph":{"nodes":[],"links":[],"extra":{"a":[${"0,".repeat(999_999)}0]}}}`,
      /limit is 10000/,
    ],
  };
  test.each(Object.entries(cases))("%s", async (_, [body, words]) => {
    expect((await refused(body, 400))[0].message).toMatch(words);
  });
});

test("names that every object has are data or are refused, and change nothing", async () => {
  const names = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"];
  const text = JSON.stringify(tiny.graph);
  for (const name of names) {
    const mutations = [
      text.replace('"nodes":', `"${name}":{"polluted":1},"nodes":`),
      text.replace('"properties":{', `"properties":{"${name}":{"polluted":1},`),
      text.replace("guidegraph/save-png", name),
      text.replace('"name":"images"', `"name":"${name}"`),
    ];
    for (const mutated of mutations) {
      expect(mutated).not.toBe(text);
      const reply = await server.post("/api/runs", `{"graph":${mutated}}`);
      expect([200, 201, 400, 422]).toContain(reply.status);
      const set = await server.post("/api/runs", `{"graph":${text},"set":{"${name}.${name}":1}}`);
      expect([400, 422, 201]).toContain(set.status);
    }
  }
  const id = await server.submit(tiny);
  expect((await server.eventsOf(id)).at(-1)).toMatchObject({ state: "succeeded" });
  expect(await server.json("/api/nodes")).toEqual(expect.arrayContaining([expect.objectContaining({ title: "Add" })]));
});

test("numbers that are none, or out of range, are refused at their parameter with the range", async () => {
  const values: readonly (readonly [parameter: string, text: string])[] = [
    ["seed", "1e309"],
    ["seed", "-1"],
    ["seed", "9007199254740993"],
    ["seed", "18446744073709551616"],
    ["seed", "0.5"],
    ["height", "-1"],
    ["height", "65536"],
    ["height", "1e3000"],
    ["batch", "0"],
    ["batch", "1000000000"],
  ];
  const text = JSON.stringify(tiny.graph);
  const noise = pathIn(tiny.graph, "gaussian-noise");
  for (const [parameter, value] of values) {
    const body = text.replace(new RegExp(`"${parameter}":\\d+`), `"${parameter}":${value}`);
    expect(body).not.toBe(text);
    const problems = await refused(`{"graph":${body}}`, 422);
    expect([value, problems]).toEqual([value, [expect.objectContaining({ node: noise, port: parameter })]]);
    expect(problems[0].message).toMatch(/\d/);
  }
  const words = text.replace(/"seed":\d+/, '"seed":"1e3"');
  expect(await refused(`{"graph":${words}}`, 422)).toMatchObject([{ node: noise, port: "seed" }]);
});

test("a graph names files by the ids that are listed, and reaches no other", async () => {
  symlinkSync(join(bundledModels, "shapes32_diffusion.pt"), join(server.data, "models", "link.pt"));
  const files = [
    "../shapes32_diffusion.pt",
    "..\\shapes32_diffusion.pt",
    "%2e%2e%2fshapes32_diffusion.pt",
    "./shapes32_diffusion.pt",
    ".//shapes32_diffusion.pt",
    "shapes32_diffusion.pt/",
    "shapes32_diffusion.pt.",
    "shapes32_diffusion.pt ",
    " shapes32_diffusion.pt",
    "SHAPES32_DIFFUSION.PT",
    "shapes32_diffusion.pt\u0000",
    "shapes32_diffusion.pt\u0000.pt",
    "shapes32_diffusion.pt [output]",
    "shapes32_diffusion.pt::$DATA",
    join(bundledModels, "shapes32_diffusion.pt"),
    `file://${bundledModels}/shapes32_diffusion.pt`,
    "\\\\server\\share\\x.pt",
    "C:\\x.pt",
    "/etc/passwd",
    "../../token",
    "~/x.pt",
    "link.pt",
    ".hidden.pt",
    "models/../shapes32_diffusion.pt",
    "CON.pt",
    "shapes32_diffusion.json",
    "constructor",
    `${"x".repeat(5_000)}.pt`,
    "shapes32_diffusio\u006e\u0303.pt",
    "shapes32_diffusion.pt?x=.pt",
  ];
  const unet = pathIn(quick.graph, "load-unet");
  for (const file of files) {
    const problems = await refused({ graph: quick.graph, set: { "Load UNet.file": file } }, 422);
    expect([file, problems]).toEqual([
      file,
      expect.arrayContaining([expect.objectContaining({ node: unet, port: "file" })]),
    ]);
  }
  const picture = pathIn(graph("image-to-image"), "load-image");
  const set = { [`${picture}.file`]: "../token" };
  expect(await refused({ graph: graph("image-to-image"), set }, 422)).toContainEqual(
    expect.objectContaining({ node: picture, port: "file" }),
  );
});

test("a picture that is a page as well is served as a picture, and pages are not taken", async () => {
  const page = "<html><script>document.title = 'ran'</script></html>";
  const plain = encodePng({ dims: [1, 2, 2, 3], data: new Uint8Array(12) });
  const polyglot = Buffer.concat(withText(plain, textChunk("Comment", page)));
  const upload = (name: string, body: Uint8Array<ArrayBuffer> | string, type: string) =>
    server.request(`/api/images?name=${name}`, { method: "POST", body, headers: { "Content-Type": type } });
  expect((await upload("both.png", Uint8Array.from(polyglot), "image/png")).status).toBe(201);
  for (const name of ["x.svg", "x.html", "x.png.html", "x.htm"])
    expect((await upload(name, page, "application/octet-stream")).status).toBe(400);
  expect((await upload("x.png", page, "text/html")).status).toBe(415);
  const served = await server.request("/api/images/both.png");
  expect(served.headers.get("content-type")).toBe("image/png");
  expect(served.headers.get("x-content-type-options")).toBe("nosniff");
  expect(served.headers.get("content-security-policy")).toBe("default-src 'none'; sandbox");

  // What a graph saves has a name of the server's making, whatever the graph asks for.
  const id = await server.submit({ ...tiny, set: { "Save PNG.name": "../<script>.html" } });
  await server.eventsOf(id);
  const [{ name }] = (await server.detail(id)).outputs;
  expect(name).toMatch(/^[\w.-]+\.png$/);
  expect(
    readFileSync(join(server.data, "runs", id, "outputs", name))
      .subarray(1, 4)
      .toString(),
  ).toBe("PNG");
});

test("what is more than can be saved is refused when it is submitted", async () => {
  const reply = await server.post("/api/runs", { ...tiny, set: { "Gaussian Noise.batch": 16 }, batches: 10_000 });
  expect([reply.status, await reply.json()]).toEqual([
    422,
    { errors: [{ message: "It would save 160000 files; a run saves at most 100000: use Save NPZ, or fewer batches" }] },
  ]);
});
