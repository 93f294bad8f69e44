import { EventEmitter, once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import express from "express";
import { afterEach, expect, test } from "vitest";
import { jsonBody } from "../../../server/http/body.ts";
import { failed } from "../../../server/http/replies.ts";
import { type Reason, Refusal } from "../../../server/refusal.ts";

let server: Server | undefined;
afterEach(() => server?.close());

/** What a route that throws this is answered with, and what the server says to itself. */
async function replyOf(error: unknown, init: RequestInit = { method: "POST", body: "{}" }) {
  const said: string[] = [];
  const app = express();
  app.post("/", ...jsonBody, () => {
    throw error;
  });
  app.use(failed((line) => said.push(line)));
  const listening = app.listen(0, "127.0.0.1");
  server = listening;
  await new Promise((resolve) => listening.once("listening", resolve));
  const { port } = listening.address() as AddressInfo;
  const headers = { "Content-Type": "application/json", ...init.headers };
  const reply = await fetch(`http://127.0.0.1:${port}/`, { ...init, headers });
  return { status: reply.status, errors: ((await reply.json()) as { errors: unknown }).errors, said };
}

const statuses: Readonly<Record<Exclude<Reason, "mistake">, number>> = {
  malformed: 400,
  unidentified: 401,
  forbidden: 403,
  absent: 404,
  "too slow": 408,
  taken: 409,
  changed: 412,
  "too large": 413,
  "wrong form": 415,
  "beyond its end": 416,
  unfit: 422,
  "too often": 429,
  unavailable: 503,
  "disk full": 507,
};

test.each(Object.entries(statuses) as [Reason, number][])("what is %s is answered with %d", async (reason, status) => {
  const problems = [{ message: "No", node: "7" }, { message: "Nor this" }];
  expect(await replyOf(new Refusal(reason, problems))).toEqual({ status, errors: problems, said: [] });
});

test("a disk without room, below whatever met it, is told as one", async () => {
  const error = new Error("Cannot write", { cause: Object.assign(new Error("write"), { code: "ENOSPC" }) });
  expect(await replyOf(error)).toMatchObject({
    status: 507,
    errors: [{ message: expect.stringMatching(/disk is full/) }],
  });
});

test.each([
  ["EMFILE", 503, /too much open at once: try again \(EMFILE\)/],
  ["ENFILE", 503, /try again/],
  ["EROFS", 503, /whoever runs it sees to its folders \(EROFS\)/],
  ["EACCES", 503, /may not/],
  ["EIO", 503, /disk/],
  ["EFBIG", 413, /larger than/],
  ["ENAMETOOLONG", 400, /choose a shorter one/],
])("what the system refuses with %s is no mistake of the server's", async (code, status, words) => {
  const error = Object.assign(new Error(`${code}: no, open '/home/someone/secret'`), {
    code,
    path: "/home/someone/secret",
  });
  const reply = await replyOf(error);
  expect(reply).toMatchObject({ status, errors: [{ message: expect.stringMatching(words) }] });
  expect(reply.said).toEqual(status === 503 ? [expect.stringContaining("secret")] : []);
  expect(JSON.stringify(reply.errors)).not.toContain("secret");
});

test("what nobody expected is told in no detail, and said to the log", async () => {
  const { status, errors, said } = await replyOf(new Error("secret of /home"));
  expect([status, errors]).toEqual([500, [{ message: "The server made a mistake; its log says more" }]]);
  expect(said).toEqual([expect.stringMatching(/^Unexpected: Error: secret of \/home/)]);
});

test("what breaks in the middle of a reply is broken off and said; who has left is told nothing", async () => {
  const said: string[] = [];
  const responses = new EventEmitter();
  const [begun, ended] = [once(responses, "begun"), once(responses, "ended")];
  const app = express();
  app.get("/breaks", (_request, response) => {
    response.type("text").write("half");
    throw new Error("secret of /home");
  });
  app.get("/endless", async (_request, response) => {
    response.once("close", () => responses.emit("ended"));
    const forever = async function* () {
      for (;;) yield Buffer.alloc(1_024);
    };
    responses.emit("begun");
    await pipeline(forever, response);
  });
  app.use(failed((line) => said.push(line)));
  const listening = app.listen(0, "127.0.0.1");
  server = listening;
  await once(listening, "listening");
  const at = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;

  const leaving = new AbortController();
  const left = fetch(`${at}/endless`, { signal: leaving.signal }).then((reply) => reply.text());
  await begun;
  leaving.abort();
  await expect(left).rejects.toThrow();
  await ended;
  await expect(fetch(`${at}/breaks`).then((reply) => reply.text())).rejects.toThrow();
  expect(said).toEqual([expect.stringMatching(/^Unexpected: Error: secret of \/home/)]);
});

const charset = (name: string) => ({ "Content-Type": `application/json; charset=${name}` });

test.each([
  ["no JSON", { body: "{" }, 400, "The body is not JSON"],
  ["a text", { body: "{}", headers: { "Content-Type": "text/plain" } }, 415, "The body must be application/json"],
  ["compressed", { body: "{}", headers: { "Content-Encoding": "gzip" } }, 415, /not compressed/],
  ["UTF-16", { body: Buffer.from("[]", "utf16le"), headers: charset("utf-16le") }, 415, "The body must be UTF-8"],
  ["UTF-7", { body: "+AFsAXQ-", headers: charset("utf-7") }, 415, "The body must be UTF-8"],
  ["deep", { body: "[".repeat(100_000) }, 400, "The body is nested more than 64 levels deep"],
  ["deep behind a mark", { body: `\ufeff${"[".repeat(100_000)}` }, 400, "The body is nested more than 64 levels deep"],
  ["too large", { body: `"${"x".repeat(3 * 2 ** 20)}"` }, 413, "The body is larger than this server takes"],
])("a body that is %s is refused", async (_what, init: RequestInit, status, message) => {
  expect(await replyOf(undefined, { method: "POST", ...init })).toMatchObject({
    status,
    errors: [{ message: message instanceof RegExp ? expect.stringMatching(message) : message }],
  });
});
