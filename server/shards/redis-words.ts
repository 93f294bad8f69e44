/** What is wrong with a Redis, in one line that says what to do: at the start, and when it happens while it is in use. */
import type { Say } from "../log/say.ts";
import { durationText } from "../units.ts";
import { redisName } from "./address.ts";
import { passingCodes, wordsOf } from "./why-not.ts";

/** It took the connection and let go of it again. */
export const isBrokenOff = ({ code = "", message }: NodeJS.ErrnoException): boolean =>
  ["ECONNRESET", "EPIPE"].includes(code) || /Connection is closed/.test(message);

/** By words that Redis or its client says, the first that is said: what it is. `said` is what stood first of all. */
const sayings: readonly (readonly [said: RegExp, is: string | ((said: string) => string)])[] = [
  [/WRONGPASS|invalid password|invalid username/i, "it does not know this user and password"],
  [/NOAUTH/, "it asks for a password: redis://:PASSWORD@host:port"],
  [/NOPERM/, (said) => `its user may not do what is needed: allow ~guidegraph:* and +@all -@dangerous +info (${said})`],
  [/max number of clients/i, "it takes no more connections: raise its maxclients"],
  [
    /DENIED Redis is running in protected mode/i,
    "it lets nobody in from another machine (protected mode): give it a password (requirepass)",
  ],
  [/READONLY/, "it is a replica and takes no writes: give the address of its primary with --redis"],
  [/MISCONF/, "it cannot write to its disk and takes nothing until it can: its log says why"],
  [/NOREPLICAS/, "it takes nothing without its replicas: start them, or set min-replicas-to-write 0"],
  [/OOM /, "its memory is full: raise its maxmemory, or give a Redis of its own"],
  [/LOADING/, "it is reading its file: try again when it is through"],
  [/MOVED|CLUSTERDOWN|CROSSSLOT/, "it is a node of a cluster: give one Redis alone"],
  [/DB index/i, "it has no database of that number"],
  [/RESP type/i, "what listens there is no Redis: give another port with --redis"],
];

/** By what went wrong, the last first: what one of them knows, the others may not. */
export function whyNoRedis(wrong: readonly NodeJS.ErrnoException[], isTls: boolean): string {
  const [{ message }] = wrong;
  const said = (what: RegExp) => wrong.some(({ message }) => what.test(message));
  const saying = sayings.find(([what]) => said(what))?.[1];
  if (saying !== undefined) return typeof saying === "string" ? saying : saying(message);
  const isCode = (...codes: readonly string[]) => wrong.some(({ code }) => code !== undefined && codes.includes(code));
  const tls = isTls ? "speaks no TLS: redis:// instead of rediss://" : "wants TLS: rediss:// instead of redis://";
  if (isCode("ECONNREFUSED")) return `${wordsOf("ECONNREFUSED")}: start it, or give another address with --redis`;
  if (isCode("ETIMEDOUT") || said(/timed? ?out/i))
    return `${wordsOf("ETIMEDOUT")}. It is stopped, or another program, or it ${tls}`;
  const known = wrong.map(({ code }) => wordsOf(code)).find((words) => words !== undefined);
  if (isCode("ECONNRESET", "EPIPE") || (known === undefined && said(/Connection is closed/)))
    return `it breaks off the connection. It is another program, or it ${tls}`;
  return known ?? message;
}

/** Whether it may come by itself, as one that starts behind us, or be well again. */
export function mayPass(wrong: readonly NodeJS.ErrnoException[]): boolean {
  return wrong.some(
    ({ code, message }) =>
      passingCodes.includes(code ?? "") || /OOM |MISCONF|LOADING|NOREPLICAS|max number of clients/i.test(message),
  );
}

/** What a Redis that is there does not do: it is tried again without end, and said once, and when all is well again. */
export class RefusedByRedis {
  readonly #url: string;
  readonly #say: Say;
  readonly #isThere: () => boolean;
  #told: string | undefined;
  #since: number | undefined;

  /** Of what is asked while it is away nothing is said: that it is away is said elsewhere. */
  constructor(url: string, say: Say, isThere: () => boolean = () => true) {
    this.#url = url;
    this.#say = say;
    this.#isThere = isThere;
  }

  /** Of what both sides ask it again and again. Gives what it gives, and rejects as it does. */
  async hear<T>(answer: Promise<T>): Promise<T> {
    try {
      const given = await answer;
      this.#passed();
      return given;
    } catch (error) {
      if (this.#isThere()) this.failed(error);
      throw error;
    }
  }

  /** What it does not do, while it does not; of one that answers nothing, for how long. */
  get why(): string | undefined {
    if (this.#told !== silent || this.#since === undefined) return this.#told;
    return `${silent} for ${durationText(performance.now() - this.#since)}`;
  }

  failed(error: unknown): void {
    const name = redisName(this.#url);
    const { previousErrors = [] } = error as { previousErrors?: readonly Error[] };
    const isSilent = (error as Error).message === "Command timed out";
    const wrong = [...previousErrors, error as Error];
    const why = isSilent ? silent : whyNoRedis(wrong, name.startsWith("rediss:"));
    this.#since ??= performance.now();
    if (why === this.#told) return;
    this.#told = why;
    this.#say(`Redis at ${name} does not do what it is asked: ${why}. It is tried again without end`, {
      level: "warn",
    });
  }

  /** It is back, which is said elsewhere. */
  forget(): void {
    this.#told = undefined;
    this.#since = undefined;
  }

  #passed(): void {
    if (this.#told !== undefined) this.#say(`Redis at ${redisName(this.#url)} does what it is asked again`);
    this.forget();
  }
}

/** While it takes connections. */
const silent = "it answers nothing";
