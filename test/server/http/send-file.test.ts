import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import express from "express";
import { afterAll, beforeAll, expect, test } from "vitest";
import { failed, missing } from "../../../server/http/replies.ts";
import { sendFile } from "../../../server/http/send-file.ts";
import { temporaryFolder } from "../../support/cli.ts";

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
let server: Server;
let url: string;

beforeAll(async () => {
  writeFileSync(at("there"), "0123456789");
  mkdirSync(at("folder"));
  symlinkSync(at("round"), at("round"));
  const app = express();
  app.set("etag", false);
  app.get("/:name", (request, response, next) => {
    // As routes say of a file before it is opened.
    response.set({ "Cache-Control": "max-age=31536000, immutable", "Content-Type": "image/png", ETag: '"is"' });
    response.attachment("a.png").type("image/png");
    sendFile(at(request.params.name), { response, next, isMarked: true });
  });
  app.use(
    missing,
    failed(() => {}),
  );
  server = app.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close().closeAllConnections());

test.each<[how: string, name: string, headers: Record<string, string>, status: number]>([
  ["that is gone", "nothing", {}, 404],
  ["that is a folder by now", "folder", {}, 404],
  ["whose name no disk has", "x".repeat(300), {}, 404],
  ["that leads to itself", "round", {}, 404],
  ["that is not so long", "there", { Range: "bytes=10-" }, 416],
  ["that is another by now", "there", { "If-Match": '"was"' }, 412],
])("a file %s is refused in words, which nobody keeps for the file", async (_how, name, headers, status) => {
  const reply = await fetch(`${url}/${name}`, { headers });
  expect([reply.status, reply.headers.get("content-type")]).toEqual([status, "application/json; charset=utf-8"]);
  for (const header of ["cache-control", "etag", "content-disposition"]) expect(reply.headers.get(header)).toBeNull();
  expect(await reply.json()).toEqual({ errors: [{ message: expect.any(String) }] });
  expect(reply.headers.get("content-range")).toBe(status === 416 ? "bytes */10" : null);
});

test("a file is sent, or a part of it", async () => {
  expect(await (await fetch(`${url}/there`)).text()).toBe("0123456789");
  const part = await fetch(`${url}/there`, { headers: { Range: "bytes=3-5" } });
  expect([part.status, part.headers.get("etag"), await part.text()]).toEqual([206, '"is"', "345"]);
  rmSync(at("there"));
  expect((await fetch(`${url}/there`)).status).toBe(404);
});
