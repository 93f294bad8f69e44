/** The client of docs/protocol.md, as it stands there, on this Node: it runs a graph to its end, and ends where it is not let in. */
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { documentBuilder, writeDocument } from "../graphs/document/index.ts";
import { nodes } from "../nodes/index.ts";
import { packageRoot } from "../server/files/package-root.ts";
import { temporaryFolder } from "./support/cli.ts";
import { TestServer } from "./support/server.ts";

const [, section] = readFileSync(join(packageRoot, "docs/protocol.md"), "utf8").split("\n## A client\n");
const [, client] = /```js\n([\s\S]*?)```/.exec(section) ?? [];
const token = "a-long-secret-of-many-letters";

const b = documentBuilder(nodes, { title: "Noise" });
b.add("guidegraph/save-png", {
  images: b
    .add("guidegraph/decode-image", { x: b.add("guidegraph/gaussian-noise", { height: 8, width: 8 }).out("x_T") })
    .out("image"),
});
const graph = join(temporaryFolder(), "graph.json");
writeFileSync(graph, JSON.stringify(writeDocument(b.document())));

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start({ token });
});
afterAll(async () => {
  await server.kill("SIGTERM");
});

/** What the text prints, read by Node from its input, with packages of this one. */
function ran(text: string, environment: NodeJS.ProcessEnv): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, ["--input-type=module", "-", graph], {
    cwd: packageRoot,
    env: { ...process.env, GUIDEGRAPH_URL: server.url, ...environment },
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk) => (out += chunk));
  child.stderr.on("data", (chunk) => (err += chunk));
  child.stdin.end(text);
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err })));
}

test("runs a graph, and tells where its pictures are", async () => {
  const { code, out, err } = await ran(client, { GUIDEGRAPH_TOKEN: token });
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const [address] = /^http\S+\.png$/m.exec(out) ?? [];
  expect((await server.request(new URL(address!).pathname)).status).toBe(200);
});

test("says that its token is wrong", async () => {
  const { code, err } = await ran(client, { GUIDEGRAPH_TOKEN: "another" });
  expect([code, err]).toEqual([1, expect.stringContaining("its token is not the server's")]);
});

test("does not come again for ever to a socket that does not let it in", async () => {
  const text = client.replace('"guidegraph.1", { headers }', '"guidegraph.1"');
  expect(text).not.toBe(client);
  const { code, err } = await ran(text, { GUIDEGRAPH_TOKEN: token });
  expect([code, err]).toEqual([1, expect.stringMatching(/The socket is refused: 40[13]/)]);
});
