/** The host page on an address of its own, served as any web server would: files and nothing else. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { packageRoot } from "../../../server/files/package-root.ts";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
};
const folders = ["test/client/host-page/", "node_modules/litegraph.js/", "dist/plugin/", "graphs/"];

export interface HostPage {
  readonly origin: string;
  /** Of the page, connected to a server. */
  url(server: string, query?: Readonly<Record<string, string>>): string;
  close(): void;
}

export async function serveHostPage(): Promise<HostPage> {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://here").pathname).slice(1);
    const isOurs = folders.some((folder) => path.startsWith(folder));
    const bytes = isOurs ? await readFile(join(packageRoot, path)).catch(() => undefined) : undefined;
    response.writeHead(bytes ? 200 : 404, { "Content-Type": types[extname(path)] ?? "application/octet-stream" });
    response.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    url: (to, query) => `${origin}/test/client/host-page/index.html?${new URLSearchParams({ server: to, ...query })}`,
    close: () => server.close(),
  };
}
