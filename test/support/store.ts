/** A store that speaks S3, in this process and its memory, with as much of it as a bucket uses; what it answers a test may change. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";

/** Answers a request instead of the store: with that status, at once or after a while; undefined: the store answers. */
type Instead = (asked: { method: string; key: string; isList: boolean }) => Answer | "break off" | undefined;
interface Answer {
  /** Absent: as the store has it. */
  readonly status?: number;
  readonly afterMs?: number;
}

export const bucketName = "samples";

export class TestStore {
  /** What lies there, with when it was put, in ms. */
  readonly held = new Map<string, { readonly bytes: Buffer; readonly at: number }>();
  /** All requests: "PUT key", "LIST prefix". */
  readonly asked: string[] = [];
  instead: Instead = () => undefined;
  readonly environment: Readonly<Record<string, string>> = {};
  readonly #end = new AbortController();
  readonly #http: ReturnType<typeof createServer>;

  private constructor() {
    this.#http = createServer((request, response) => {
      void this.#answer(request).then((answer) => {
        if (answer) response.writeHead(answer.status).end(answer.body);
        else response.writeHead(200).write("half", () => response.destroy());
      });
    });
  }

  static async start(): Promise<TestStore> {
    const store = new TestStore();
    await new Promise<void>((resolve) => store.#http.listen(0, "127.0.0.1", resolve));
    const { port } = store.#http.address() as AddressInfo;
    const AWS_ENDPOINT_URL = `http://127.0.0.1:${port}`;
    return Object.assign(store, {
      environment: { AWS_ACCESS_KEY_ID: "somebody", AWS_SECRET_ACCESS_KEY: "secret", AWS_ENDPOINT_URL },
    });
  }

  /** How often it was asked for what begins so. */
  count(begin: string): number {
    return this.asked.filter((one) => one.startsWith(begin)).length;
  }

  put(key: string, text: string, at = Date.now()): void {
    this.held.set(key, { bytes: Buffer.from(text), at });
  }

  /** As at the start. */
  clear(): void {
    this.held.clear();
    this.asked.length = 0;
    this.instead = () => undefined;
  }

  async close(): Promise<void> {
    this.#end.abort();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body: string | Buffer } | undefined> {
    const { method = "", headers } = request;
    const { pathname, searchParams } = new URL(request.url ?? "", "http://store");
    const bytes = Buffer.concat(await request.toArray());
    const isList = searchParams.has("list-type");
    const key = isList
      ? (searchParams.get("prefix") ?? "")
      : decodeURIComponent(pathname.slice(`/${bucketName}/`.length));
    this.asked.push(`${isList ? "LIST" : method} ${key}`);
    const isNew = headers["if-none-match"] === "*";
    const instead = this.instead({ method, key, isList }) ?? {};
    if (instead === "break off") return undefined;
    const { status, afterMs = 0 } = instead;
    if (afterMs > 0) await setTimeout(afterMs, undefined, { signal: this.#end.signal }).catch(() => {});
    if (status !== undefined)
      return { status, body: status < 400 ? "" : `<Error><Code>Status${status}</Code></Error>` };
    if (isList) return { status: 200, body: this.#list(key, searchParams.has("delimiter")) };
    if (method === "PUT") {
      if (isNew && this.held.has(key)) return { status: 412, body: "" };
      this.held.set(key, { bytes, at: Date.now() });
      return { status: 200, body: "" };
    }
    const found = this.held.get(key);
    if (method === "DELETE") this.held.delete(key);
    if (method === "DELETE") return { status: 204, body: "" };
    return found ? { status: 200, body: found.bytes } : { status: 404, body: "" };
  }

  #list(begin: string, isByFolder: boolean): string {
    const found = [...this.held].filter(([key]) => key.startsWith(begin));
    const folders = new Set(found.map(([key]) => `${begin}${key.slice(begin.length).split("/")[0]}/`));
    const told = isByFolder
      ? [...folders].map((folder) => `<CommonPrefixes><Prefix>${escaped(folder)}</Prefix></CommonPrefixes>`)
      : found.map(
          ([key, { bytes, at }]) =>
            `<Contents><Key>${escaped(key)}</Key><LastModified>${new Date(at).toISOString()}</LastModified><Size>${bytes.length}</Size></Contents>`,
        );
    return `<ListBucketResult>${told.join("")}</ListBucketResult>`;
  }
}

/** As stores do it: some signs by name, some by number. */
const escaped = (text: string): string =>
  text.replace(
    /[&<>"'\r]/g,
    (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;" })[c] ?? `&#x${c.charCodeAt(0).toString(16)};`,
  );
