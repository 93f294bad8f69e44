/**
 * A bucket of an S3-compatible store, as far as shards need one: what is put is never replaced, and what may pass is tried again.
 * Where the store is and who is let in say the variables that all programs for S3 read.
 */
import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { AwsClient } from "aws4fetch";
import { ConfigurationError, UsageError } from "../flags/errors.ts";
import { accessIn } from "./bucket-access.ts";
import { inTag, refusalIn } from "./bucket-refusals.ts";
import { patiently } from "./patiently.ts";
import { causeOf } from "./why-not.ts";

/** Of what is in a bucket. */
export interface Stored {
  readonly key: string;
  /** When it was put there, by the store's clock, in ms. */
  readonly at: number;
  readonly bytes: number;
}

export interface BucketOptions {
  /** `s3://bucket/prefix`. */
  readonly url: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Said when something has to wait. */
  readonly say: (line: string) => void;
  /** So long what may pass is tried again (15 min); 0: whoever asks does so. */
  readonly patienceMs?: number;
}

export const isBucket = (results: string): boolean => /^s3:/i.test(results);

/** A key has 1,024 bytes at most, of which a few hundred are ours. */
const maxPrefixBytes = 700;

/**
 * Throws a UsageError for what is none. A prefix is what stands there, as all programs for S3 take it: nothing in it is encoded.
 * Of two slashes side by side some keep the empty name between them, and some do not.
 */
function placeOf(url: string): { readonly bucket: string; readonly prefix: string } {
  const [, bucket, path = ""] = /^s3:\/\/([a-z0-9][a-z0-9.-]+[a-z0-9])(\/.*)?$/is.exec(url) ?? [];
  const parts = path.split("/").filter((part) => part !== "");
  const isOdd = parts.some((part) => part === "." || part === "..") || /\/\/|[\p{Cc}\p{Cs}]/u.test(path);
  if (bucket === undefined || isOdd || Buffer.byteLength(path) > maxPrefixBytes)
    throw new UsageError(
      `--results takes a bucket as s3://bucket or s3://bucket/prefix: the bucket of letters, digits, . and -, the prefix of at most ${maxPrefixBytes} bytes, with a name between its slashes that is neither . nor ..`,
    );
  return { bucket, prefix: parts.map((part) => `${part}/`).join("") };
}

/** In an address, as signatures have it (RFC 3986): all but letters, digits and - . _ ~. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

export class Bucket {
  readonly #address: string;
  readonly #prefix: string;
  readonly #client: AwsClient;
  readonly #say: (line: string) => void;
  readonly #name: string;
  readonly #patienceMs: number | undefined;

  /** Throws a UsageError for what is no address, and where nobody is let in by it. */
  constructor({ url, environment, say, patienceMs }: BucketOptions) {
    const { bucket, prefix } = placeOf(url);
    const { endpoint, ...access } = accessIn(environment);
    this.#address = `${endpoint}/${bucket}`;
    this.#prefix = prefix;
    this.#name = `s3://${bucket}/${prefix}`;
    this.#client = new AwsClient({ ...access, service: "s3", retries: 0 });
    this.#say = say;
    this.#patienceMs = patienceMs;
  }

  /**
   * Rejects with a ConfigurationError where it cannot be used, so that it is said at the start: all that is done there is tried.
   * And with the reason of the signal.
   */
  async check(signal: AbortSignal = new AbortController().signal): Promise<void> {
    const key = `guidegraph-check-${randomUUID()}`;
    const put = (headers: Record<string, string>) => this.#ask(key, { method: "PUT", body: "", headers, signal });
    const steps = {
      list: () => this.#list("", { most: 1, signal }),
      put: async () => {
        const reply = await put(ifNew);
        return reply.status === 501 ? put({}) : reply;
      },
      read: () => this.#ask(key, { signal }),
      remove: () => this.#ask(key, { method: "DELETE", signal }),
    };
    for (const [what, ask] of Object.entries(steps)) {
      const reply = await this.#unlessBusy(ask, signal);
      if (reply instanceof Error)
        throw new ConfigurationError(`Cannot reach the store of ${this.#name} at ${this.#address}: ${causeOf(reply)}`);
      // Busy, it has put what it was first asked to: nobody else has this key.
      const isThere = what === "put" && reply.status === 412;
      if (!reply.ok && !isThere) {
        const { why, isOfSettings } = await refusalIn(reply);
        const so = isOfSettings ? "" : `, since it does not let ${what} there`;
        throw new ConfigurationError(`Cannot use ${this.#name}${so}: ${why}`);
      }
      await reply.body?.cancel();
    }
  }

  /** One that is busy, or begins itself, is asked again for half a minute; what cannot be reached is told at once. */
  async #unlessBusy(ask: () => Promise<Response>, signal: AbortSignal): Promise<Response | Error> {
    for (let pauseMs = firstBusyMs; ; pauseMs *= 2) {
      const reply = await ask().catch((error: unknown) => error as Error);
      signal.throwIfAborted();
      if (reply instanceof Error || !busy.includes(reply.status) || pauseMs > longestBusyMs) return reply;
      // What is read no further keeps its connection.
      const why = await problemIn(reply);
      if (pauseMs === firstBusyMs) this.#say(`Waits for ${this.#name}: ${why}`);
      await setTimeout(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }

  /** False: something was there, and stays. */
  async put(key: string, body: Blob | string, signal: AbortSignal): Promise<boolean> {
    const put = (headers: Record<string, string>, isDone: (reply: Response) => boolean) =>
      this.#patiently(`put ${key}`, () => this.#ask(key, { method: "PUT", body, headers, signal }), signal, isDone);
    const { status } = await put(ifNew, ({ ok, status }) => ok || status === 412 || status === 501);
    if (status !== 501) return status !== 412;
    // A store that knows no conditions: what has one key is of one content, so that a second does no harm.
    if (await this.has(key, signal)) return false;
    await put({}, ({ ok }) => ok);
    return true;
  }

  async has(key: string, signal: AbortSignal): Promise<boolean> {
    const asked = () => this.#ask(key, { method: "HEAD", signal });
    return (await this.#patiently(`look for ${key}`, asked, signal, isThereOrNot)).ok;
  }

  /** What is there, to be read; undefined where nothing is. */
  async get(key: string, signal: AbortSignal): Promise<Response | undefined> {
    const reply = await this.#patiently(`fetch ${key}`, () => this.#ask(key, { signal }), signal, isThereOrNot);
    return reply.ok ? reply : undefined;
  }

  /** All keys that begin so. */
  async list(begin: string, signal: AbortSignal): Promise<readonly Stored[]> {
    const pages = await this.#pages(begin, {}, signal);
    return pages.flatMap((page) =>
      all(page, /<Contents>(.*?)<\/Contents>/gs).map((one) => ({
        key: (inTag(one, "Key") ?? "").slice(this.#prefix.length),
        at: Date.parse(inTag(one, "LastModified") ?? ""),
        bytes: Number(inTag(one, "Size") ?? 0),
      })),
    );
  }

  /** The folders right below one, each ending with a slash. */
  async folders(begin: string, signal: AbortSignal): Promise<readonly string[]> {
    const pages = await this.#pages(begin, { delimiter: "/" }, signal);
    return pages.flatMap((page) =>
      all(page, /<CommonPrefixes>(.*?)<\/CommonPrefixes>/gs).map((one) =>
        (inTag(one, "Prefix") ?? "").slice(this.#prefix.length),
      ),
    );
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    await this.#patiently(
      `remove ${key}`,
      () => this.#ask(key, { method: "DELETE", signal }),
      signal,
      ({ ok, status }) => ok || status === 404,
    );
  }

  async #pages(begin: string, query: { readonly delimiter?: string }, signal: AbortSignal): Promise<readonly string[]> {
    const pages: string[] = [];
    for (let from: string | undefined = ""; from !== undefined; ) {
      const token: string = from;
      const reply = await this.#patiently("list", () => this.#list(begin, { ...query, from: token, signal }), signal);
      const page = await reply.text();
      pages.push(page);
      from = inTag(page, "NextContinuationToken");
    }
    return pages;
  }

  #list(
    begin: string,
    { delimiter, from, most, signal }: { delimiter?: string; from?: string; most?: number; signal?: AbortSignal },
  ): Promise<Response> {
    const asked = {
      ...{ "list-type": "2", prefix: this.#prefix + begin },
      ...(delimiter && { delimiter }),
      ...(from && { "continuation-token": from }),
      ...(most && { "max-keys": String(most) }),
    };
    // A form's "+" for a space is none in what is signed.
    const query = Object.entries(asked).map(([name, value]) => `${name}=${encoded(value)}`);
    return inTime((signal) => this.#client.fetch(`${this.#address}?${query.join("&")}`, { signal }), signal);
  }

  /** What brings many bytes either way may take its time. */
  #ask(key: string, init: RequestInit = {}): Promise<Response> {
    const address = `${this.#address}/${(this.#prefix + key).split("/").map(encoded).join("/")}`;
    if (init.method !== "HEAD" && init.method !== "DELETE") return this.#client.fetch(address, init);
    return inTime((signal) => this.#client.fetch(address, { ...init, signal }), init.signal);
  }

  #patiently(
    what: string,
    once: () => Promise<Response>,
    signal: AbortSignal,
    isDone?: (reply: Response) => boolean,
  ): Promise<Response> {
    const named = { what: `${what} in ${this.#name}`, signal, alsoPassing, problemIn, say: this.#say };
    const patience = { ...named, ...(this.#patienceMs !== undefined && { patienceMs: this.#patienceMs }) };
    return patiently(once, isDone ? { ...patience, isDone } : patience);
  }
}

const ifNew = { "If-None-Match": "*" };
/** What a store has not answered by then it is asked again. */
const answerMs = 60_000;

/** AbortSignal.any is no help: what holds its signal alone lets go of it. */
async function inTime(
  ask: (signal: AbortSignal) => Promise<Response>,
  signal: AbortSignal | null | undefined,
): Promise<Response> {
  const bound = new AbortController();
  const onAbort = () => bound.abort(signal?.reason);
  const late = globalThis.setTimeout(() => bound.abort(new Error(`No answer within ${answerMs / 1_000} s`)), answerMs);
  signal?.addEventListener("abort", onAbort);
  if (signal?.aborted) onAbort();
  try {
    return await ask(bound.signal);
  } finally {
    clearTimeout(late);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** What a store says that would answer later; so long it is waited for at the start, longer and longer. */
const busy = [429, 500, 502, 503, 504];
const [firstBusyMs, longestBusyMs] = [500, 16_000];

/** Of a store: somebody else writes the same key, or something is wrong inside it. */
const alsoPassing = [409, 500];
const isThereOrNot = ({ ok, status }: Response): boolean => ok || status === 404;

const all = (text: string, what: RegExp): string[] => [...text.matchAll(what)].map(([, inner]) => inner);

const problemIn = async (reply: Response): Promise<string> => (await refusalIn(reply)).why;
