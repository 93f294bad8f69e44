/** The server behind a real reverse proxy: TLS outside, a path of its own, strangers' addresses; by requests and in Chromium. */
import { request } from "node:https";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import WebSocket from "ws";
import { chromiumPath } from "../support/chromium.ts";
import { TestServer, tiny } from "../support/server.ts";
import { type TlsProxy, tlsProxy } from "../support/tls-proxy.ts";

const token = "a-long-secret-of-many-letters";
const base = "/guidegraph";
/** As Caddy's encode and Apache's mod_deflate do it. */
const compressed = (etag: string) => etag.replace(/"$/, '-gzip"');
let proxy: TlsProxy;
let stripping: TlsProxy;
let server: TestServer;
let origin: string;
beforeAll(async () => {
  [proxy, stripping] = await Promise.all([tlsProxy(), tlsProxy({ strips: base, tag: compressed })]);
  origin = `https://localhost:${proxy.port}`;
  const known = ["--allow-origin", origin, "--allow-origin", `https://localhost:${stripping.port}`];
  server = await TestServer.start({ token, args: [...known, "--trust-proxy", "loopback", "--base-path", base] });
  proxy.target = stripping.target = new URL(server.url).origin;
});
afterAll(async () => {
  await server.kill("SIGTERM");
  proxy.close();
  stripping.close();
});

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly headers: NodeJS.Dict<string | readonly string[]>;
}

const send = (path: string, init: { port?: number; method?: string; body?: string; headers?: object } = {}) =>
  new Promise<Reply>((resolve, reject) => {
    const { port = proxy.port, method = "GET", headers, body = "" } = init;
    const its = { Host: `localhost:${port}`, ...headers };
    const sent = request({ port, path, method, headers: its, rejectUnauthorized: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
const bearer = { Authorization: `Bearer ${token}` };

describe("behind a proxy", () => {
  test("a document is written over on its condition, whatever becomes of ETags", async () => {
    const { port } = stripping;
    const body = JSON.stringify(tiny.graph);
    const json = { ...bearer, "Content-Type": "application/json" };
    const put = (condition: object) =>
      send(`${base}/api/graphs/tagged`, { port, method: "PUT", body, headers: { ...json, ...condition } });
    const first = await put({ "If-None-Match": "*" });
    const read = await send(`${base}/api/graphs/tagged`, { port, headers: bearer });
    const own = first.headers["document-etag"];
    expect([first.status, read.headers["document-etag"], read.headers.etag]).toEqual([201, own, compressed(`${own}`)]);
    expect((await put({ "If-Match": read.headers.etag })).status).toBe(412);
    expect((await put({ "If-Match": own })).status).toBe(200);
  });

  test("the editor, the API and its links lie below the path, left on by the proxy or taken off", async () => {
    for (const { port } of [proxy, stripping]) {
      const page = await send(`${base}/`, { port });
      expect([page.status, page.text]).toEqual([200, expect.stringMatching(/<title>GuideGraph/)]);
      const assets = [...page.text.matchAll(/(?:src|href)="(\.\/[^"]+)"/g)].map(([, path]) => path);
      expect(assets.length).toBeGreaterThan(2);
      for (const path of assets) expect((await send(`${base}/${path.slice(2)}`, { port })).status).toBe(200);
      expect((await send(`${base}/api/nodes`, { port, headers: bearer })).status).toBe(200);
      expect((await send(`${base}/api/nodes`, { port })).status).toBe(401);
      const headers = { ...bearer, "Content-Type": "application/json" };
      const run = await send(`${base}/api/runs`, { port, method: "POST", body: JSON.stringify(tiny), headers });
      expect([run.status, run.headers.location]).toEqual([201, expect.stringMatching(`^${base}/api/runs/`)]);
      expect((await send(String(run.headers.location), { port, headers: bearer })).status).toBe(200);
    }
    const bare = await send(`${base}?token=a`);
    expect([bare.status, bare.headers.location]).toEqual([308, `${base}/?token=a`]);
  });

  test("the cookie is for TLS and the path alone, and opens the socket", async () => {
    const reply = await send(`${base}/api/session`, { method: "POST", headers: { ...bearer, Origin: origin } });
    const [cookie] = reply.headers["set-cookie"] as string[];
    expect(cookie).toMatch(/^guidegraph-\d+=[\w-]+; Path=\/guidegraph\/api; HttpOnly; Secure; SameSite=Strict$/);
    const headers = { Cookie: cookie.split(";")[0], Origin: origin };
    const url = `wss://localhost:${proxy.port}${base}/api/events`;
    const status = (from: object) =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(url, ["guidegraph.1"], {
          rejectUnauthorized: false,
          headers: { ...headers, ...from },
        });
        socket.on("open", () => resolve(socket.close() ?? 101));
        socket.on("unexpected-response", (_request, { statusCode }) => resolve(statusCode));
        socket.on("error", reject);
      });
    expect(await status({})).toBe(101);
    // The same name without TLS is another origin.
    expect(await status({ Origin: origin.replace("https", "http") })).toBe(403);
  });

  test("a browser's page of another site gets nothing, a person who follows a link does", async () => {
    const from = (site: string, mode: string, dest: string) =>
      send(`${base}/api/runs`, {
        headers: { Cookie: "x=y", "Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest },
      });
    for (const site of ["cross-site", "same-site"]) {
      expect((await from(site, "no-cors", "image")).status).toBe(403);
      expect((await from(site, "navigate", "iframe")).status).toBe(403);
      expect((await from(site, "navigate", "document")).status).toBe(401);
    }
    for (const site of ["same-origin", "none"]) expect((await from(site, "no-cors", "image")).status).toBe(401);
  });
});

describe.runIf(chromiumPath)("in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    const args = ["--no-sandbox", "--ignore-certificate-errors"];
    browser = await chromium.launch({ ...(chromiumPath && { executablePath: chromiumPath }), args });
  });
  afterAll(() => browser?.close());

  test("a link with the token opens the editor below its path, which follows its runs and shows their pictures", async () => {
    const page = await browser.newPage({ ignoreHTTPSErrors: true });
    const wrong: string[] = [];
    page.on("requestfailed", (failed) => wrong.push(failed.url()));
    page.on("response", (reply) => reply.status() >= 400 && wrong.push(`${reply.status()} ${reply.url()}`));
    const headers = { ...bearer, "Content-Type": "application/json" };
    const { text } = await send(`${base}/api/runs`, { method: "POST", body: JSON.stringify(tiny), headers });
    const run = `${base}/api/runs/${JSON.parse(text).id}`;
    while (!/"state":"succeeded"/.test((await send(run, { headers: bearer })).text))
      await new Promise((resolve) => setTimeout(resolve, 50));
    await page.goto(`${origin}${base}/?token=${token}`);
    const isThere = "window.guidegraph?.state.ready && guidegraph.runs.connected && guidegraph.runs.all.length > 0";
    await expect.poll(() => page.evaluate(isThere), { timeout: 60_000 }).toBe(true);
    const width = await page.evaluate(`(async () => {
      const { api, runs } = window.guidegraph;
      const picture = new Image();
      const loaded = new Promise((onload, onerror) => Object.assign(picture, { onload, onerror }));
      picture.src = api.outputUrl(runs.all[0].summary.id, "noise-0000.png");
      await loaded;
      return picture.naturalWidth;
    })()`);
    expect(width).toBe(16);
    expect(page.url()).toBe(`${origin}${base}/`);
    expect(wrong).toEqual([]);
    await page.close();
  });
});

// Last: from where this many wrong tokens come, nobody is let in for a minute.
test("names, and wrong tokens, are those of the outside; nobody else may say what is outside", async () => {
  expect((await send(`${base}/api/health`, { headers: { ...bearer, Host: "evil.example" } })).status).toBe(403);
  const guess = (from: string) =>
    send(`${base}/api/nodes`, { headers: { Authorization: "Bearer wrong", "X-Forwarded-For": from } });
  // What a client claims of itself changes nothing: the proxy adds where it is from.
  const statuses: number[] = [];
  for (let i = 0; i < 21; i++) statuses.push((await guess("127.0.0.1")).status);
  expect(statuses).toEqual([...Array(20).fill(401), 429]);
  expect((await guess("203.0.113.7")).status).toBe(401);
  expect((await guess("198.51.100.2, 203.0.113.7")).status).toBe(401);
  expect(server.log.join("\n")).toMatch(/401 GET \/api\/nodes from 203\.0\.113\.7/);
});
