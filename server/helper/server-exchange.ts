/** Orders, files and results over HTTP with the server, patiently: it may be away, or its disk be full for a while. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { ConfigurationError, UsageError } from "../flags/errors.ts";
import type { Exchange } from "../shards/exchange.ts";
import { patiently } from "../shards/patiently.ts";
import { keyOf } from "../shards/shard.ts";
import { NotThere, whenThere } from "../shards/when-there.ts";
import { causeOf, passingCodes } from "../shards/why-not.ts";

export interface ServerExchangeOptions {
  /** Where the server is, as `serve` says it. */
  readonly url: string;
  readonly token: string | undefined;
  /** Said when something has to wait. */
  readonly say: (line: string) => void;
  /** Ends the wait for a server that is not there yet. */
  readonly signal?: AbortSignal | undefined;
}

/** Rejects with a ConfigurationError where the server cannot be used, so that it is said at the start. */
export async function serverExchange({ url, token, say, signal }: ServerExchangeOptions): Promise<Exchange> {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new UsageError(`--server takes the address of the server, such as http://host:8188`);
  if (new URL(url).username !== "" || new URL(url).password !== "")
    throw new UsageError("--server takes no user and no password: give the owner's token with --token-file");
  // An editor's link may have a token there.
  if (/[?#]/.test(url))
    throw new UsageError("--server takes an address without ? and #: what is behind them is no part of it");
  const base = url.replace(/\/+$/, "");
  // Without a token, it is asked as a page of its own would.
  const who: Record<string, string> =
    token === undefined ? { Origin: new URL(url).origin } : { Authorization: `Bearer ${token}` };

  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${base}/api/work/${path}`, { ...init, headers: { ...who, ...init.headers } });

  const persistently = (what: string, once: () => Promise<Response>, signal: AbortSignal) =>
    patiently(once, { what, signal, problemIn, say });

  const first = await whenThere(
    async () => {
      const reply = await ask("").catch((error: unknown) => error as Error);
      if (reply instanceof Response && !isAway.includes(reply.status)) return reply;
      const why = reply instanceof Response ? `status ${reply.status}` : causeOf(reply);
      const Kind = reply instanceof Response || isPassing(reply) ? NotThere : ConfigurationError;
      throw new Kind(`Cannot reach the server at ${base}: ${why}`);
    },
    { say: (line) => say(line), signal },
  );
  if (first.status === 401 || first.status === 403)
    throw new ConfigurationError(
      `The server at ${base} lets this worker not in (${await problemIn(first)}): give its owner's token with --token-file or GUIDEGRAPH_TOKEN`,
    );
  if (!first.ok)
    throw new ConfigurationError(
      `The server at ${base} has no work for others: start it with --redis (${first.status})`,
    );

  return {
    async order(hash, signal) {
      return (await persistently("fetch an order", () => ask(`orders/${hash}`, { signal }), signal)).text();
    },
    async file(sha256, from, signal) {
      const headers: Record<string, string> = from === 0 ? {} : { Range: `bytes=${from}-` };
      const reply = await persistently("fetch a model", () => ask(`files/${sha256}`, { signal, headers }), signal);
      if (from > 0 && reply.status !== 206) throw new Error("The server sends a file from its beginning alone");
      return reply.body ? Readable.fromWeb(reply.body as Parameters<typeof Readable.fromWeb>[0]) : Readable.from([]);
    },
    async put(shard, path, signal) {
      const { size } = await stat(path);
      const headers = { "Content-Type": "application/octet-stream", "Content-Length": String(size) };
      const once = () => {
        const body = Readable.toWeb(createReadStream(path)) as unknown as NonNullable<RequestInit["body"]>;
        return ask(`results/${keyOf(shard)}`, { method: "PUT", headers, body, signal, duplex: "half" });
      };
      // 404: it has come from another, or its run is over. That is no fault of this machine.
      const isDone = ({ ok, status }: Response) => ok || status === 404;
      return (await patiently(once, { what: "put a result", signal, isDone, problemIn, say })).ok;
    },
  };
}

/** What stands before a server that is not there says so. */
const isAway = [502, 503, 504];

const isPassing = ({ cause }: Error): boolean => passingCodes.includes((cause as NodeJS.ErrnoException)?.code ?? "");

async function problemIn(reply: Response): Promise<string> {
  const text = await reply.text().catch(() => "");
  try {
    return (JSON.parse(text) as { errors: { message: string }[] }).errors[0].message;
  } catch {
    return `status ${reply.status}`;
  }
}
