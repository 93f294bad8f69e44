import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import WebSocket from "ws";
import { temporaryFolder } from "../support/cli.ts";
import { spawnServer, TestServer } from "../support/server.ts";

let open: TestServer;
let secret: TestServer;
const token = "a-long-secret-of-many-letters";
beforeAll(async () => {
  [open, secret] = await Promise.all([
    TestServer.start({ args: ["--allow-origin", "https://studio.example"] }),
    TestServer.start({ token, args: ["--allow-origin", "https://studio.example"] }),
  ]);
});
afterAll(() => Promise.all([open.kill("SIGTERM"), secret.kill("SIGTERM")]));

type Headers = Readonly<Record<string, string>>;

/** A request with exactly these headers; `fetch` would put right what is to be wrong. */
function send(
  url: string,
  method: string,
  path: string,
  headers: Headers,
  body = "",
): Promise<{ status: number; text: string; headers: NodeJS.Dict<string | string[]> }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers, setHost: !("Host" in headers) }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** What an upgrade is answered with: 101, or the status of its refusal. */
function upgrade(url: string, headers: Headers, protocols: string[] = []): Promise<number> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/api/events`, protocols, { headers });
  return new Promise((resolve) => {
    socket.on("open", () => {
      socket.close();
      resolve(101);
    });
    socket.on("unexpected-response", (_request, response) => resolve(response.statusCode ?? 0));
    socket.on("error", () => {});
  });
}

/** Bytes as they are; the first line of the reply. */
function raw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let reply = "";
    socket.setEncoding("utf8").on("data", (chunk) => (reply += chunk));
    socket.on("close", () => resolve(reply.split("\r\n")[0]));
  });
}

describe("Host", () => {
  test.each(["evil.com", "127.0.0.1.evil.com", "localhost.", "evil.com:80", "[::2]"])(
    "%s is refused before anything else",
    async (host) => {
      for (const server of [open, secret]) {
        expect((await send(server.url, "GET", "/api/health", { Host: host })).status).toBe(403);
        expect(await upgrade(server.url, { Host: host, Origin: `http://${host}` })).toBe(403);
      }
    },
  );

  test("an empty, a malformed and a doubled one are refused", async () => {
    expect(await raw(open.url, "GET /api/health HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n")).toMatch(/ 40[03] /);
    expect(await raw(open.url, "GET /api/health HTTP/1.1\r\nHost: a@b/c\r\nConnection: close\r\n\r\n")).toMatch(
      / 400 /,
    );
    const { host } = new URL(open.url);
    const twice = `GET /api/health HTTP/1.1\r\nHost: ${host}\r\nHost: evil.com\r\nConnection: close\r\n\r\n`;
    expect(await raw(open.url, twice)).toMatch(/ 400 /);
  });

  test("this machine's own names are known", async () => {
    const { port } = new URL(open.url);
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`])
      expect((await send(open.url, "GET", "/api/health", { Host: host })).status).toBe(200);
  });
});

describe("Origin", () => {
  const json = { "Content-Type": "application/json" };
  const post = (server: TestServer, headers: Headers) =>
    send(server.url, "POST", "/api/runs", { ...json, ...headers }, "{}");

  test.each([
    "https://evil.com",
    "null",
    "http://localhost.evil.com",
    "http://127.0.0.1:1",
    "HTTP://127.0.0.1:PORT",
    "",
  ])("%j is refused on requests and upgrades", async (text) => {
    const origin = text.replace("PORT", new URL(open.url).port);
    expect((await post(open, { Origin: origin })).status).toBe(403);
    expect((await send(open.url, "GET", "/api/health", { Origin: origin })).status).toBe(403);
    expect(await upgrade(open.url, { Origin: origin })).toBe(403);
  });

  test("a request that changes something has one, or the bearer's token", async () => {
    expect((await post(open, {})).status).toBe(403);
    expect(await upgrade(open.url, {})).toBe(403);
    const own = readFileSync(`${open.data}/token`, "utf8").trim();
    expect((await post(open, { Authorization: `Bearer ${own}` })).status).toBe(400);
    expect(await upgrade(open.url, { Authorization: `Bearer ${own}` })).toBe(101);
    const wrong = await post(open, { Authorization: `Bearer ${own}x` });
    expect([wrong.status, wrong.text]).toEqual([
      403,
      expect.stringMatching(/token is not the server's, .* file token/),
    ]);
  });

  test("one that was allowed may read replies, and no other is told that it may", async () => {
    const origin = "https://studio.example";
    const reply = await send(open.url, "GET", "/api/health", { Origin: origin });
    expect([reply.status, reply.headers["access-control-allow-origin"]]).toEqual([200, origin]);
    const preflight = await send(open.url, "OPTIONS", "/api/runs", { Origin: origin });
    expect([preflight.status, preflight.headers["access-control-allow-headers"]]).toEqual([
      204,
      expect.stringContaining("idempotency-key"),
    ]);
    expect(await upgrade(open.url, { Origin: origin })).toBe(101);
    const own = await send(open.url, "GET", "/api/health", { Origin: open.url });
    expect(own.headers["access-control-allow-origin"]).toBeUndefined();
  });
});

describe("the token", () => {
  test("is asked on every route and on the socket, and stays out of the log", async () => {
    // One of its own: it will not listen to tokens for a minute.
    const secret = await TestServer.start({ token });
    const [session] = (await secret.request("/api/session", { method: "POST" })).headers.get("set-cookie")!.split(";");
    const routes = [
      "health",
      "nodes",
      "models",
      "images",
      "graphs",
      "graphs/x",
      "samplers",
      "runs",
      "runs/x",
      "runs/x/outputs/y",
      "nothing",
    ];
    for (const route of routes) {
      expect((await send(secret.url, "GET", `/api/${route}`, {})).status).toBe(401);
      const wrong = `Bearer ${token.slice(0, -1)}`;
      expect([401, 429]).toContain((await send(secret.url, "GET", `/api/${route}`, { Authorization: wrong })).status);
    }
    for (const path of ["/metrics", "/Metrics/", "/API/runs", "/Api/graphs", "/api?x", `${secret.url}/api/runs`])
      expect((await send(secret.url, "GET", path, {})).status, path).toBe(401);
    expect((await send(secret.url, "DELETE", "/aPi/runs", {})).status).toBe(401);
    expect((await secret.request("/metrics")).status).toBe(200);
    expect([401, 429]).toContain(await upgrade(secret.url, { Origin: secret.url }));
    const wrong = `Bearer ${token}x`;
    let status = 0;
    for (let i = 0; i < 25; i++) ({ status } = await send(secret.url, "GET", "/api/health", { Authorization: wrong }));
    expect(status).toBe(429);
    // Nor is the right one looked at, or guessing would only be slower; a session goes on.
    expect((await secret.request("/api/health")).status).toBe(429);
    expect((await send(secret.url, "GET", "/api/health", { Cookie: session })).status).toBe(200);
    expect(secret.log.join("\n")).not.toContain(token.slice(0, -2));
    expect(secret.log.some((line) => line.startsWith("401 GET /api/"))).toBe(true);
    await secret.kill("SIGTERM");
  });

  test("is asked of pages that are let in, who may read so", async () => {
    const [origin, other] = ["https://studio.example", "https://evil.com"];
    const asked = await send(secret.url, "GET", "/api/health", { Origin: origin });
    expect([asked.status, asked.headers["access-control-allow-origin"]]).toEqual([401, origin]);
    const refused = await send(secret.url, "GET", "/api/health", { Origin: other });
    expect([refused.status, refused.headers["access-control-allow-origin"]]).toEqual([403, undefined]);
  });

  test("comes as a subprotocol from a page's socket, and as a cookie from its pictures", async () => {
    const bearer = `bearer.${Buffer.from(token).toString("base64url")}`;
    expect(await upgrade(secret.url, { Origin: secret.url }, ["guidegraph.1", bearer])).toBe(101);
    const session = await secret.request("/api/session", { method: "POST" });
    const cookie = session.headers.get("set-cookie") ?? "";
    expect([session.status, cookie]).toEqual([204, expect.stringMatching(/HttpOnly.*SameSite=Strict/)]);
    const held = cookie.split(";")[0];
    expect(held).toMatch(new RegExp(`^guidegraph-${new URL(secret.url).port}=`));
    for (const spelling of [token, Buffer.from(token).toString("base64url"), encodeURIComponent(token)])
      expect(held).not.toContain(spelling);
    const asBearer = { Authorization: `Bearer ${held.split("=")[1]}` };
    expect([401, 429]).toContain((await send(secret.url, "GET", "/api/runs", asBearer)).status);
    const elsewhere = held.replace(/-\d+=/, "-1=");
    expect((await send(secret.url, "GET", "/api/runs", { Cookie: elsewhere })).status).toBe(401);
    expect((await send(secret.url, "GET", "/api/runs", { Cookie: held })).status).toBe(200);
    const foreign = { Cookie: held, Origin: "https://evil.com", "Content-Type": "application/json" };
    expect((await send(secret.url, "POST", "/api/runs", foreign, "{}")).status).toBe(403);
  });

  test("of few letters is not taken beyond this machine, nor one that cannot be read, nor two", async () => {
    const file = `${temporaryFolder()}/token`;
    writeFileSync(file, "short\n");
    for (const [args, code, words] of [
      [["--host", "0.0.0.0", "--token-file", file], 78, /A token of 5 characters can be guessed .* at least 16/],
      [["--token-file", `${file}s`], 2, /Cannot read --token-file .* \(ENOENT\)/],
      [["--token-file", file, "--token", token], 2, /give one of them/],
    ] as const) {
      const { line, log } = spawnServer(["--data", temporaryFolder(), ...args]);
      await expect(line).rejects.toMatchObject({ code });
      expect(log.join()).toMatch(words);
    }
  });

  test("may come from a file; what a server writes is its user's alone", async () => {
    const file = `${temporaryFolder()}/token`;
    writeFileSync(file, `${token}\n`);
    chmodSync(file, 0o644);
    const data = temporaryFolder();
    chmodSync(data, 0o755);
    const server = await TestServer.start({ data, args: ["--token-file", file] });
    expect((await send(server.url, "GET", "/api/runs", {})).status).toBe(401);
    expect((await send(server.url, "GET", "/api/runs", { Authorization: `Bearer ${token}` })).status).toBe(200);
    expect(server.log.join("\n")).toMatch(/Other users of this machine can look into .*: chmod 700/);
    expect(server.log.join("\n")).toMatch(/Other users of this machine can read --token-file .*: chmod 600/);
    const open = readdirSync(data, { recursive: true, encoding: "utf8" }).filter(
      (name) => (statSync(join(data, name)).mode & 0o077) !== 0,
    );
    expect(open).toEqual([]);
    await server.kill("SIGTERM");
  });

  test("is asked of whoever comes from elsewhere", async () => {
    const { line, log } = spawnServer(["--data", temporaryFolder(), "--host", "0.0.0.0", "--no-token"]);
    await expect(line).rejects.toMatchObject({ code: 78 });
    expect(log.join()).toMatch(/--no-token is for 127.0.0.1 alone/);
  });

  test("that is made is in the link, and the same at the next start", async () => {
    const data = temporaryFolder();
    // What a server leaves that is killed as it writes it.
    writeFileSync(join(data, "token"), "");
    const server = await TestServer.start({ data, args: ["--token", "auto"] });
    const made = new URL(server.url).searchParams.get("token");
    expect(made).toMatch(/^[\w-]{32}$/);
    const { origin } = new URL(server.url);
    expect(server.log.join()).toMatch(/A token is asked for: .* --no-token asks for none/);
    expect((await send(origin, "GET", "/api/session", {})).status).toBe(401);
    expect((await send(origin, "GET", "/api/session", { Authorization: `Bearer ${made}` })).text).toBe("{}");
    await server.kill("SIGTERM");
    expect(readFileSync(join(data, "token"), "utf8")).toBe(`${made}\n`);
    // What others could read is a secret no more.
    chmodSync(join(data, "token"), 0o644);
    const again = await TestServer.start({ data, args: ["--token", "auto"] });
    expect(again.log.join()).toMatch(/could read .*token: another token takes its place/);
    expect(
      (await send(new URL(again.url).origin, "GET", "/api/runs", { Authorization: `Bearer ${made}` })).status,
    ).toBe(401);
    expect(statSync(join(data, "token")).mode & 0o077).toBe(0);
    await again.kill("SIGTERM");
  });
});

describe("bodies", () => {
  const own = (server: TestServer) => ({ Origin: server.url });

  test.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""])(
    "of type %j are refused where JSON is due",
    async (type) => {
      const headers = { ...own(open), ...(type && { "Content-Type": type }) };
      for (const [method, path] of [
        ["POST", "/api/runs"],
        ["PUT", "/api/graphs/x"],
      ])
        expect((await send(open.url, method, path, headers, "{}")).status).toBe(415);
      expect((await open.runs()).length).toBe(0);
    },
  );

  test("beyond 2 MiB are refused, told or not, and compressed ones at once", async () => {
    const headers = { ...own(open), "Content-Type": "application/json" };
    const large = `{"graph":"${"x".repeat(2 * 2 ** 20)}"}`;
    expect(
      (await send(open.url, "POST", "/api/runs", { ...headers, "Content-Length": `${large.length}` }, large)).status,
    ).toBe(413);
    expect(
      (await send(open.url, "POST", "/api/runs", { ...headers, "Transfer-Encoding": "chunked" }, large)).status,
    ).toBe(413);
    const { gzipSync } = await import("node:zlib");
    const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20)).toString("latin1");
    expect((await send(open.url, "POST", "/api/runs", { ...headers, "Content-Encoding": "gzip" }, bomb)).status).toBe(
      415,
    );
    expect((await open.request("/api/health")).status).toBe(200);
  });
});

test("whoever offers another protocol is answered by this one, as far as that can be, and gets in no further", async () => {
  const asks = (method: string, server: TestServer, more = "") =>
    raw(
      server.url,
      `${method} /api/nodes HTTP/1.1\r\nHost: ${new URL(server.url).host}\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n${more}\r\n`,
    );
  expect(await asks("GET", open)).toMatch(/ 200 /);
  expect(await asks("HEAD", open)).toMatch(/ 200 /);
  expect(await asks("POST", open, `Origin: ${open.url}\r\nContent-Length: 2\r\n`)).toMatch(/ 415 /);
  expect(await asks("DELETE", open)).toMatch(/ 403 /);
  expect(await asks("GET", open, "Origin: https://evil.com\r\n")).toMatch(/ 403 /);
  expect(await asks("GET", secret)).toMatch(/ 401 /);
  for (const upgrade of ["WebSocket", "websocket, h2c"])
    expect(
      await raw(
        open.url,
        `GET /api/events HTTP/1.1\r\nHost: ${new URL(open.url).host}\r\nConnection: Upgrade\r\nUpgrade: ${upgrade}\r\n\r\n`,
      ),
    ).toMatch(/ 403 /);
});

test("replies hold no stack and no path of this machine, pages run only their own scripts", async () => {
  const replies = await Promise.all([
    open.request("/api/nothing"),
    open.request("/api/runs/%zz"),
    open.post("/api/runs", { graph: { nodes: [{ id: 1, type: "x" }], links: [] } }),
    open.request("/api/models"),
    open.request("/"),
  ]);
  for (const reply of replies) {
    expect(reply.headers.get("content-security-policy")).toMatch(/script-src 'self' 'wasm-unsafe-eval';/);
    expect(reply.headers.get("x-content-type-options")).toBe("nosniff");
    const text = await reply.text();
    expect(text).not.toMatch(/at .*\.js:\d+|node_modules/);
    expect(text).not.toContain(open.data);
    expect(text).not.toContain(process.cwd());
  }
});

test("no method on no path, however mangled, is more than the server can answer", async () => {
  const routes = [
    "health",
    "nodes",
    "models",
    "images/x",
    "graphs/x",
    "samplers/x",
    "runs",
    "runs/x/outputs/y",
    "session",
    "events",
  ];
  const mangle = [
    (path: string) => path,
    (path: string) => `${path}/%00`,
    (path: string) => `${path}//../..`,
    (path: string) => `${path}?limit=x&name[]=1`,
    (path: string) => `${path}/%ff%fe`,
    (path: string) => path.toUpperCase(),
  ];
  const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"];
  const json = { Origin: open.url, "Content-Type": "application/json" };
  for (const route of routes)
    for (const change of mangle) {
      const sent = methods.map((method) => send(open.url, method, change(`/api/${route}`), json));
      for (const [i, { status }] of (await Promise.all(sent)).entries())
        expect([methods[i], change(route), status < 500]).toEqual([methods[i], change(route), true]);
    }
  expect((await open.request("/api/health")).status).toBe(200);
});
