/** How requests are answered that are not granted: `{ errors: [{ message, node?, port? }] }`, never a stack or a path. */
import type { ErrorRequestHandler, Request, RequestHandler, Response } from "express";
import { diskFull, isDiskFull } from "../files/disk-full.ts";
import { tooLarge } from "../files/receive.ts";
import type { Say } from "../log/say.ts";
import { type Reason, Refusal } from "../refusal.ts";
import type { Front } from "./front.ts";

const statuses = {
  malformed: 400,
  unidentified: 401,
  forbidden: 403,
  absent: 404,
  "too slow": 408,
  taken: 409,
  changed: 412,
  "too large": 413,
  "wrong form": 415,
  "beyond its end": 416,
  unfit: 422,
  "too often": 429,
  mistake: 500,
  unavailable: 503,
  "disk full": 507,
} satisfies Record<Reason, number>;

/** When it is worth to come again, in seconds. */
const retryAfter: Partial<Record<Reason, number>> = { "too often": 1, unavailable: 5, "disk full": 60 };

/** One for all that is not there, so that nobody learns what else is. */
export const notFound = (): Refusal => new Refusal("absent", "There is no such thing here");

/** The status, the headers and the body that tell of a refusal. */
export const replyTo = ({ reason, problems }: Refusal) => ({
  status: statuses[reason],
  headers: reason in retryAfter ? { "Retry-After": String(retryAfter[reason]) } : {},
  body: { errors: problems },
});

export function refuse(response: Response, refusal: Refusal): void {
  const { status, headers, body } = replyTo(refusal);
  response.locals.refusal = refusal;
  response.status(status).set(headers).json(body);
}

/** A line for each request that was refused, and a count, for whoever runs the server. */
export const logged =
  (say: Say, count: (reason: Reason) => void, { outer }: Front): RequestHandler =>
  (request, response, next) => {
    response.on("finish", () => {
      const { statusCode: status } = response;
      const refusal = response.locals.refusal as Refusal | undefined;
      if (status < 400 || !refusal) return;
      const { method, path } = request;
      count(refusal.reason);
      sayRefused(say, { status, method, path, from: outer(request).address, reason: refusal.problems[0].message });
    });
    next();
  };

export interface RefusedRequest {
  readonly status: number;
  readonly method: string;
  /** Without what follows "?", which may be a secret. */
  readonly path: string;
  readonly from: string | undefined;
  readonly reason: string | undefined;
}

export function sayRefused(say: Say, { status, method, path, from, reason }: RefusedRequest): void {
  const asked = path.slice(0, 200);
  const level = isOfNote(status) ? "warn" : "info";
  const fields = { status, method, path: asked, from, reason };
  say(`${status} ${method} ${asked} from ${from}: ${reason}`, { level, event: "refused", ...fields });
}

/** Whoever knocks at a closed door, comes too often, or finds the server at fault; other refusals are answers to mistakes. */
const isOfNote = (status: number): boolean => [401, 403, 429].includes(status) || status >= 500;

export const missing: RequestHandler = () => {
  throw notFound();
};

/** Turns what routes throw into replies. What nobody expected is said to the server's own log alone. */
export const failed =
  (say: Say): ErrorRequestHandler =>
  (error, _request, response, _next) => {
    if (response.destroyed && isOfLeaving(error)) return;
    const refusal = asRefusal(error);
    if (refusal.reason === "mistake")
      say(`Unexpected: ${error instanceof Error ? error.stack : error}`, { level: "error" });
    else if (refusal !== error && refusal.reason === "unavailable") say(error.message, { level: "warn" });
    // What was begun is broken off, so that nobody takes it for whole.
    if (response.headersSent) return void response.destroy();
    refuse(response, refusal);
    drain(response.req);
  };

/** How streams, and work that was given up, end where whoever asked has gone. */
const leavings = new Set(["ERR_STREAM_PREMATURE_CLOSE", "ERR_STREAM_DESTROYED", "ECONNABORTED", "ECONNRESET", "EPIPE"]);
const isOfLeaving = (error: unknown): boolean =>
  error instanceof Error && (error.name === "AbortError" || ("code" in error && leavings.has(String(error.code))));

const lingerMs = 10_000;

/**
 * Takes for a while what a client still sends of a body that nobody wants: a connection that is closed upon it is reset,
 * and the client never reads why.
 */
function drain(request: Request): void {
  if (request.readableEnded) return;
  const { socket } = request;
  const timer = setTimeout(() => socket.destroy(), lingerMs).unref();
  const done = () => clearTimeout(timer);
  request.once("end", done).once("close", done).resume();
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (isDiskFull(error)) return new Refusal("disk full", diskFull);
  const { status, type, code } = (error ?? {}) as { status?: unknown; type?: unknown; code?: unknown };
  const ofSystem = systemErrors.find(([codes]) => codes.includes(String(code)));
  if (ofSystem) return new Refusal(ofSystem[1], `${ofSystem[2]} (${code})`);
  if (typeof status === "number" && status >= 400 && status < 500) return ofBody(type);
  return new Refusal("mistake", "The server made a mistake; its log says more");
}

/** What the system refuses, through no fault of the program: whoever asks and whoever runs it can do something about it. */
const systemErrors: readonly (readonly [codes: readonly string[], Reason, message: string])[] = [
  [["EFBIG"], "too large", "The file is larger than the server's disk or limits take one"],
  [["ENAMETOOLONG"], "malformed", "The name is too long for the server's disk: choose a shorter one"],
  [["EMFILE", "ENFILE", "ENOMEM"], "unavailable", "The server has too much open at once: try again"],
  [
    ["EACCES", "EPERM", "EROFS"],
    "unavailable",
    "The server may not write or read there: whoever runs it sees to its folders",
  ],
  [["EIO", "ESTALE", "ETIMEDOUT"], "unavailable", "The server's disk does not answer as it should: try again"],
];

/** What the body parser found, by its own names. */
function ofBody(type: unknown): Refusal {
  if (type === "entity.too.large") return tooLarge();
  if (type === "encoding.unsupported") return new Refusal("wrong form", "The body must come as it is, not compressed");
  if (type === "charset.unsupported") return new Refusal("wrong form", "The body must be UTF-8");
  return new Refusal("malformed", "The request is malformed");
}
