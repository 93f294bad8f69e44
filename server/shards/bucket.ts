/**
 * A bucket of an S3-compatible store, as far as shards need one: what is put is never replaced, and what may pass is tried again.
 * Where the store is and who is let in say the variables that all programs for S3 read.
 */
import { AwsClient } from "aws4fetch";
import { ConfigurationError, UsageError } from "../flags/errors.ts";
import { accessIn } from "./bucket-access.ts";
import { causeOf, patiently } from "./patiently.ts";

/** Of what is in a bucket. */
export interface Stored {
  readonly key: string;
  /** When it was put there, by the store's clock, in ms. */
  readonly at: number;
}

export interface BucketOptions {
  /** `s3://bucket/prefix`. */
  readonly url: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Said when something has to wait. */
  readonly say: (line: string) => void;
}

export const isBucket = (results: string): boolean => /^s3:/i.test(results);

/** Throws a UsageError for what is none; keys below it need no escapes, neither in addresses nor in answers. */
function placeOf(url: string): { readonly bucket: string; readonly prefix: string } {
  const [, bucket, prefix = ""] = /^s3:\/\/([a-z0-9][a-z0-9.-]+[a-z0-9])((?:\/[\w.-]+)*)\/?$/i.exec(url) ?? [];
  if (bucket === undefined || prefix.split("/").some((part) => part === "." || part === ".."))
    throw new UsageError(
      "--results takes a bucket as s3://bucket or s3://bucket/prefix, of letters, digits and . _ - alone",
    );
  return { bucket, prefix: prefix === "" ? "" : `${prefix.slice(1)}/` };
}

export class Bucket {
  readonly #address: string;
  readonly #prefix: string;
  readonly #client: AwsClient;
  readonly #say: (line: string) => void;
  readonly #name: string;

  /** Throws a UsageError for what is no address, and where nobody is let in by it. */
  constructor({ url, environment, say }: BucketOptions) {
    const { bucket, prefix } = placeOf(url);
    const { endpoint, ...access } = accessIn(environment);
    this.#address = `${endpoint}/${bucket}`;
    this.#prefix = prefix;
    this.#name = `s3://${bucket}/${prefix}`;
    this.#client = new AwsClient({ ...access, service: "s3", retries: 0 });
    this.#say = say;
  }

  /** Rejects with a ConfigurationError where it cannot be used, so that it is said at the start. */
  async check(): Promise<void> {
    const reply = await this.#list("", { most: 1 }).catch((error: unknown) => error as Error);
    if (reply instanceof Error)
      throw new ConfigurationError(`Cannot reach the store of ${this.#name} at ${this.#address}: ${causeOf(reply)}`);
    if (!reply.ok) throw new ConfigurationError(`Cannot use ${this.#name}: ${await problemIn(reply)}`);
  }

  /** False: something was there, and stays. */
  async put(key: string, body: Blob | string, signal: AbortSignal): Promise<boolean> {
    const isDone = ({ ok, status }: Response) => ok || status === 412 || status === 501;
    const put = (headers: Record<string, string>) =>
      this.#patiently(`put ${key}`, () => this.#ask(key, { method: "PUT", body, headers, signal }), signal, isDone);
    const { status } = await put({ "If-None-Match": "*" });
    if (status !== 501) return status !== 412;
    // A store that knows no conditions: what has one key is of one content, so that a second does no harm.
    if (await this.has(key, signal)) return false;
    await put({});
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
        key: (first(one, /<Key>(.*?)<\/Key>/) ?? "").slice(this.#prefix.length),
        at: Date.parse(first(one, /<LastModified>(.*?)<\/LastModified>/) ?? ""),
      })),
    );
  }

  /** The folders right below one, each ending with a slash. */
  async folders(begin: string, signal: AbortSignal): Promise<readonly string[]> {
    const pages = await this.#pages(begin, { delimiter: "/" }, signal);
    return pages.flatMap((page) =>
      all(page, /<CommonPrefixes>(.*?)<\/CommonPrefixes>/gs).map((one) =>
        (first(one, /<Prefix>(.*?)<\/Prefix>/) ?? "").slice(this.#prefix.length),
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
      from = first(page, /<NextContinuationToken>(.*?)<\/NextContinuationToken>/);
    }
    return pages;
  }

  #list(
    begin: string,
    { delimiter, from, most, signal }: { delimiter?: string; from?: string; most?: number; signal?: AbortSignal },
  ): Promise<Response> {
    const query = new URLSearchParams({
      ...{ "list-type": "2", prefix: this.#prefix + begin },
      ...(delimiter && { delimiter }),
      ...(from && { "continuation-token": from }),
      ...(most && { "max-keys": String(most) }),
    });
    return this.#client.fetch(`${this.#address}?${query}`, signal ? { signal } : {});
  }

  #ask(key: string, init: RequestInit): Promise<Response> {
    return this.#client.fetch(`${this.#address}/${this.#prefix}${key}`, init);
  }

  #patiently(
    what: string,
    once: () => Promise<Response>,
    signal: AbortSignal,
    isDone?: (reply: Response) => boolean,
  ): Promise<Response> {
    const patience = { what: `${what} in ${this.#name}`, signal, alsoPassing, problemIn, say: this.#say };
    return patiently(once, isDone ? { ...patience, isDone } : patience);
  }
}

/** Of a store: somebody else writes the same key, or something is wrong inside it. */
const alsoPassing = [409, 500];
const isThereOrNot = ({ ok, status }: Response): boolean => ok || status === 404;

const all = (text: string, what: RegExp): string[] => [...text.matchAll(what)].map(([, inner]) => inner);
const first = (text: string, what: RegExp): string | undefined => what.exec(text)?.[1];

/** What the store says: "AccessDenied", with its sentence. */
async function problemIn(reply: Response): Promise<string> {
  const text = await reply.text().catch(() => "");
  const said = ["Code", "Message"].flatMap((name) => first(text, new RegExp(`<${name}>(.*?)</${name}>`)) ?? []);
  return said.length > 0 ? said.join(": ").slice(0, 300) : `status ${reply.status}`;
}
