/**
 * Who may talk to the server. Any page in a browser can send requests to this machine, so that being asked from here
 * means nothing: Host is checked (a name that was rebound to this address), then Origin and what the browser says of the
 * page (another site's), then the token. The same check stands before HTTP and before a WebSocket's upgrade.
 */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { hostname } from "node:os";
import { type Reason, Refusal } from "../refusal.ts";
import { owner, type User } from "../users/user.ts";
import type { Users } from "../users/users.ts";
import { type Front, front, type Outer } from "./front.ts";

export interface GuardOptions {
  /** The address listened on. */
  readonly host: string;
  /** Whose tokens let in; a program that sends one needs no Origin. */
  readonly users: Users;
  /** Origins of pages that are let in beside our own. */
  readonly origins: readonly string[];
  readonly front?: Front;
}

export type Verdict =
  /** `crossOrigin`: a page of that other origin, which was let in. `user`: who asks something of the API. */
  | { readonly allowed: true; readonly user?: User; readonly crossOrigin?: string }
  | { readonly allowed: false; readonly refusal: Refusal; readonly crossOrigin?: string };

export type Guard = (request: IncomingMessage) => Verdict;

const loopback = new Set(["127.0.0.1", "localhost", "::1"]);
export const isLoopback = (host: string): boolean => loopback.has(host);

/** Wrong tokens from one address in a minute; after that no token from there is looked at, right or wrong. */
const maxFailures = 20;

/** Whoever runs the server knows where its folder is; nobody else is told. */
const wrongToken =
  "its token is not the server's, which is in its --token-file, or in the file token of its data folder, on its machine";

export function guard({ host, users, origins, front: before = front() }: GuardOptions): Guard {
  const allowedOrigins = new Set(origins);
  const names = new Set([...loopback, host, ...origins.map((origin) => bare(new URL(origin).hostname))]);
  const isKnown = (name: string) =>
    names.has(name) || (!isLoopback(host) && (isIP(name) !== 0 || name === hostname().toLowerCase()));
  const failures = new Failures();

  return (request) => {
    const { method = "GET", headers, url = "/" } = request;
    const hosts = request.rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === "host");
    const outer = before.outer(request);
    const name = hostNameOf(outer.host);
    if (hosts.length !== 1 || name === undefined) return refused("malformed", "it must have one Host header");
    if (!isKnown(name))
      return refused("forbidden", `its Host "${outer.host.slice(0, 100)}" is not this server's; see --allow-origin`);

    const { origin } = headers;
    const schemes = outer.scheme === undefined ? ["http", "https"] : [outer.scheme];
    const isOwn = schemes.some((scheme) => origin === `${scheme}://${outer.host}`);
    if (origin !== undefined && !isOwn && !allowedOrigins.has(origin))
      return refused("forbidden", `pages of ${origin.slice(0, 100)} are not let in; see --allow-origin`);
    const crossOrigin = origin !== undefined && !isOwn && { crossOrigin: origin };
    const verdict: Verdict = { allowed: true, ...crossOrigin };
    if (method === "OPTIONS" || isOfEditor(url)) return verdict;

    const bearer = bearerOf(request);
    const session = sessionIn(request, cookieName(outer));
    const { address } = outer;
    // A page may read why it has to come again.
    const turnedAway = (reason: Reason, why: string) => ({ ...refused(reason, why), ...crossOrigin });
    const known = users.withToken(bearer);
    if (!known && crossOrigin === false && isFromElsewhere(headers))
      return refused("forbidden", "a page of another site asks for it; see --allow-origin");
    if (users.areAsked && bearer !== undefined) {
      if (failures.of(address) >= maxFailures)
        return turnedAway("too often", "too many wrong tokens came from there: wait a minute");
      if (!known) {
        failures.add(address);
        return turnedAway("unidentified", wrongToken);
      }
    }
    // A session is longer than can be guessed: it gets in however many tokens were tried.
    const user = bearer === undefined ? users.withSession(session) : known;
    if (users.areAsked && !user) return turnedAway("unidentified", "it needs the server's token");
    const changes = (method !== "GET" && method !== "HEAD") || isSocket(headers);
    const own = `"Origin: ${schemes[0]}://${outer.host}"`;
    if (changes && origin === undefined && !known && bearer !== undefined)
      return refused("forbidden", `${wrongToken}; without one it must say ${own}`);
    if (changes && origin === undefined && !known)
      return refused("forbidden", `it must say where it comes from: ${own}, or the token as a bearer's`);
    return { ...verdict, user: user ?? owner };
  };
}

/** Whether a WebSocket is asked for; whoever offers another protocol may be answered as if they did not. */
export const isSocket = ({ upgrade }: IncomingHttpHeaders): boolean => /websocket/i.test(upgrade ?? "");

/**
 * The editor's own files need no token. Routes are found in any case (/API), and in a whole address as a proxy is sent
 * it: what does not look like one of the files is taken for the API.
 */
const isOfEditor = (url: string): boolean => url.startsWith("/") && !/^\/(api|metrics)/i.test(url);

/**
 * Browsers say which site's page makes a request (W3C Fetch Metadata), also of those that carry no Origin: pictures, scripts,
 * frames. A person who follows a link from there to here is let through; no page can read what that shows.
 */
function isFromElsewhere(headers: IncomingHttpHeaders): boolean {
  const site = headers["sec-fetch-site"];
  const isVisit = headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";
  return (site === "cross-site" || site === "same-site") && !isVisit;
}

const refused = (reason: Reason, why: string): Verdict & { readonly allowed: false } => ({
  allowed: false,
  refusal: new Refusal(reason, `Refused: ${why}`),
});

/** The name in `name:port` or `[::1]:port`; undefined when it is spelled like neither. */
function hostNameOf(host: string): string | undefined {
  const found = /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]/@?#]+))(?::\d{1,5})?$/i.exec(host);
  return (found?.[1] ?? found?.[2])?.toLowerCase();
}

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, "").toLowerCase();

/** `Authorization: Bearer …`; a page's WebSocket cannot send that and offers `bearer.…` (base64url) as a subprotocol. */
export function bearerOf({ headers }: IncomingMessage): string | undefined {
  const [, bearer] = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? "") ?? [];
  if (bearer !== undefined) return bearer;
  const offered = (headers["sec-websocket-protocol"] ?? "").split(",").map((protocol) => protocol.trim());
  const found = offered.find((protocol) => protocol.startsWith("bearer."));
  return found && Buffer.from(found.slice("bearer.".length), "base64url").toString("utf8");
}

/** Browsers tell cookies of one host's servers apart by nothing but their names. */
export const cookieName = ({ host }: Outer): string => `guidegraph-${portOf(host)}`;

const portOf = (host: string): string => /:(\d{1,5})$/.exec(host)?.[1] ?? "";

function sessionIn(request: IncomingMessage, name: string): string | undefined {
  const start = `${name}=`;
  const found = (request.headers.cookie ?? "").split(/;\s*/).find((cookie) => cookie.startsWith(start));
  return found?.slice(start.length);
}

/** Wrong tokens from each address in the current minute. */
class Failures {
  #minute = 0;
  #counts = new Map<string, number>();

  of(address: string): number {
    const minute = Math.floor(performance.now() / 60_000);
    if (minute !== this.#minute) this.#counts = new Map();
    this.#minute = minute;
    return this.#counts.get(address) ?? 0;
  }

  add(address: string): void {
    this.#counts.set(address, this.of(address) + 1);
  }
}
