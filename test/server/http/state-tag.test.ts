import { mkdirSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { get, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import express from "express";
import { afterAll, beforeAll, expect, test } from "vitest";
import { editor } from "../../../server/http/editor.ts";
import { fileRoutes } from "../../../server/http/file-routes.ts";
import type { Services } from "../../../server/service/services.ts";
import { temporaryFolder } from "../../support/cli.ts";

const folder = temporaryFolder();
let server: Server;
let url: string;
beforeAll(async () => {
  mkdirSync(join(folder, "assets"));
  const app = express();
  app.use("/api", fileRoutes({ imageFolders: [folder] } as unknown as Services));
  app.use(editor(folder));
  server = app.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close().closeAllConnections());

/** As a browser asks; `fetch` would say of itself that it keeps nothing. */
const ask = (path: string, headers: Record<string, string> = {}) =>
  new Promise<{ status: number | undefined; text: string; headers: IncomingHttpHeaders }>((resolve, reject) => {
    get(url + path, { headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (more) => (text += more));
      response.on("end", () => resolve({ status: response.statusCode, text, headers: response.headers }));
    }).on("error", reject);
  });

/** As npm unpacks every package. */
const then = new Date(499_162_500_000);
const ways: Readonly<Record<string, (path: string, text: string) => void>> = {
  "by another file": (path, text) => {
    writeFileSync(`${path}.new`, text);
    utimesSync(`${path}.new`, then, then);
    renameSync(`${path}.new`, path);
  },
  "in its place": (path, text) => {
    writeFileSync(path, text);
    utimesSync(path, then, then);
  },
};

for (const [what, name, path] of [
  ["the editor's page, of a new version", "index.html", "/"],
  ["a picture", "cat.png", "/api/images/cat.png"],
])
  test.each(Object.entries(ways))(
    `${what} of the same size and time is another one, put there %s`,
    async (_how, put) => {
      put(join(folder, name), "the first one");
      const first = await ask(path);
      expect(first.text).toBe("the first one");
      const known = { "If-None-Match": first.headers.etag ?? "", "If-Modified-Since": then.toUTCString() };
      expect((await ask(path, known)).status).toBe(304);
      put(join(folder, name), "the other one");
      const second = await ask(path, known);
      expect([second.status, second.text]).toEqual([200, "the other one"]);
      expect([second.headers["cache-control"], second.headers["last-modified"]]).toEqual(["no-cache", undefined]);
    },
  );
