/** A reverse proxy as one is set up before a server: TLS outside, a path of its own, the outside told in X-Forwarded-*. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { temporaryFolder } from "./cli.ts";

export interface TlsProxy {
  readonly port: number;
  /** Where it passes requests on to. */
  target: string;
  close(): void;
}

export interface TlsProxyOptions {
  /** A path that it takes off. */
  readonly strips?: string;
  /** What becomes of tags, as where a proxy compresses. */
  readonly tag?: (etag: string) => string;
}

export async function tlsProxy({ strips = "", tag = (etag) => etag }: TlsProxyOptions = {}): Promise<TlsProxy> {
  const proxy = { port: 0, target: "", close: () => void server.close() };
  const server = createServer(certificate());
  const sockets = new Set<Duplex>();
  const onwards = (request: IncomingMessage) => {
    const { hostname, port } = new URL(proxy.target);
    const path = (request.url ?? "/").slice(strips.length) || "/";
    const headers = {
      ...request.headers,
      host: `${hostname}:${port}`,
      "x-forwarded-for": [request.headers["x-forwarded-for"], request.socket.remoteAddress].filter(Boolean).join(", "),
      "x-forwarded-host": request.headers.host ?? "",
      "x-forwarded-proto": "https",
    };
    return { hostname, port, path, method: request.method ?? "GET", headers };
  };
  server.on("connection", (socket) => sockets.add(socket));
  server.on("request", (request, response) => {
    const inner = httpRequest(onwards(request), (reply) => {
      const { etag } = reply.headers;
      response.writeHead(reply.statusCode ?? 502, { ...reply.headers, ...(etag && { etag: tag(etag) }) });
      reply.pipe(response);
    });
    inner.on("error", () => response.destroy());
    request.pipe(inner);
  });
  server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const { hostname, port, path, headers } = onwards(request);
    const inner = connect(Number(port), hostname, () => {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      inner.write(`GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
      inner.write(head);
      inner.pipe(stream).pipe(inner);
    });
    for (const end of [inner, stream]) end.on("error", () => [inner, stream].forEach((other) => void other.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  proxy.port = (server.address() as AddressInfo).port;
  proxy.close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return proxy;
}

/** One that nobody has signed. */
function certificate(): { readonly key: Buffer; readonly cert: Buffer } {
  const folder = temporaryFolder();
  const [key, cert] = ["key.pem", "cert.pem"].map((name) => join(folder, name));
  const made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", cert];
  execFileSync("openssl", ["req", "-x509", ...made, "-days", "2", "-subj", "/CN=localhost"], { stdio: "ignore" });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}
