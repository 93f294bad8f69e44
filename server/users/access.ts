/** Whether a server asks for a token, and for which: decided once, before it listens, and said. */
import { ConfigurationError } from "../flags/errors.ts";
import type { NamedToken } from "./token-file.ts";

/**
 * `auto`: for the data folder's own token where others reach the server: beyond loopback, and where other people have an
 * account on the machine. `made`: for that token in any case. `open`: for none.
 */
export type Access = "auto" | "made" | "open" | readonly NamedToken[];

export interface Decision {
  /** Those that let in, beside the data folder's own; undefined: everybody is let in. */
  readonly tokens: readonly NamedToken[] | undefined;
  /** Why the data folder's own token is asked for, which nobody was given yet. */
  readonly why?: string;
}

export interface AccessSurroundings {
  readonly host: string;
  readonly isLoopback: boolean;
  /** A proxy passes on to it what others ask. */
  readonly isProxied?: boolean;
  /** Other people with an account on this machine. */
  readonly others: () => readonly string[];
}

/** Throws a ConfigurationError where everybody would get in from elsewhere. */
export function decide(access: Access, { host, isLoopback, isProxied = false, others }: AccessSurroundings): Decision {
  if (access === "open") {
    if (isLoopback) return { tokens: undefined };
    throw new ConfigurationError(
      `Listening on ${host} lets everyone who reaches it run graphs: --no-token is for 127.0.0.1 alone`,
    );
  }
  if (typeof access !== "string") {
    const short = isLoopback && !isProxied ? undefined : access.find(({ token }) => token.length < leastTokenLength);
    if (!short) return { tokens: access };
    const whose = short.name === undefined ? "A token" : `The token of ${short.name},`;
    throw new ConfigurationError(
      `${whose} of ${short.token.length} characters can be guessed by whoever reaches ${isProxied ? "its proxy" : host}: give one of at least ${leastTokenLength}`,
    );
  }
  const why = access === "made" ? "--token auto" : isLoopback ? reached(isProxied, others()) : `it listens on ${host}`;
  return why === undefined ? { tokens: undefined } : { tokens: [], why };
}

/** Drawn from letters and digits it has 95 bits: more than can be tried at twenty a minute, or at any rate. */
export const leastTokenLength = 16;

const named = 3;

/** Why others than the user reach a server on loopback. */
const reached = (isProxied: boolean, others: readonly string[]): string | undefined =>
  isProxied ? "a proxy passes on to it what others ask" : sharedWith(others);

function sharedWith(others: readonly string[]): string | undefined {
  if (others.length === 0) return undefined;
  const more = others.length > named ? ` and ${others.length - named} more` : "";
  return `${others.slice(0, named).join(", ")}${more} can reach this machine's servers too`;
}
