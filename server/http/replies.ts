/** How requests are answered that are not granted: `{ errors: [{ message, node?, port? }] }`, never a stack or a path. */
import type { ErrorRequestHandler, Request, RequestHandler, Response } from "express";
import { diskFull, isDiskFull } from "../files/disk-full.ts";
import type { Problem } from "../protocol.ts";
import { QueueRefusal } from "../runs/queue.ts";
import { SubmitRefusal } from "../runs/submit.ts";
import { Refusal, WorkerGone } from "../supervisor/worker.ts";

/** Thrown by a route. */
export class HttpRefusal extends Error {
  override readonly name = "HttpRefusal";
  constructor(
    readonly status: number,
    message: string,
    readonly problems: readonly Problem[] = [{ message }],
  ) {
    super(message);
  }
}

/** One for all that is not there, so that nobody learns what else is. */
export const notFound = (): HttpRefusal => new HttpRefusal(404, "There is no such thing here");

export function refuse(response: Response, status: number, problems: readonly Problem[]): void {
  response.locals.reason = problems[0]?.message;
  response.status(status).json({ errors: problems });
}

/** A line for each request that was refused, for whoever runs the server. */
export const logged =
  (say: (line: string) => void): RequestHandler =>
  (request, response, next) => {
    response.on("finish", () => {
      if (response.statusCode < 400) return;
      const { method, path, socket } = request;
      say(
        JSON.stringify({
          refused: response.statusCode,
          method,
          path: path.slice(0, 200),
          from: socket.remoteAddress,
          reason: response.locals.reason,
        }),
      );
    });
    next();
  };

export const missing: RequestHandler = () => {
  throw notFound();
};

/** Turns what routes throw into replies. What nobody expected is said to the server's own log alone. */
export const failed =
  (say: (line: string) => void): ErrorRequestHandler =>
  (error, _request, response, next) => {
    if (response.headersSent) return next(error);
    const [status, problems] = replyTo(error);
    if (status === 500) say(`Unexpected: ${error instanceof Error ? error.stack : error}`);
    refuse(response, status, problems);
    drain(response.req);
  };

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

function replyTo(error: unknown): [number, readonly Problem[]] {
  if (error instanceof HttpRefusal || error instanceof SubmitRefusal) return [error.status, error.problems];
  if (error instanceof Refusal) return [422, error.problems];
  if (error instanceof QueueRefusal) return [error.status, [{ message: error.message }]];
  if (error instanceof WorkerGone) return [503, [{ message: error.message }]];
  if (isDiskFull(error)) return [507, [{ message: diskFull }]];
  const { status, type } = (error ?? {}) as { status?: unknown; type?: unknown };
  if (typeof status === "number" && status >= 400 && status < 500) return [status, [{ message: bodyProblem(type) }]];
  return [500, [{ message: "The server made a mistake; its log says more" }]];
}

/** What the body parser found, by its own names. */
function bodyProblem(type: unknown): string {
  const known: Readonly<Record<string, string>> = {
    "entity.too.large": "The body is larger than this server takes",
    "entity.parse.failed": "The body is not JSON",
    "encoding.unsupported": "The body must come as it is, not compressed",
    "charset.unsupported": "The body must be UTF-8",
  };
  return (typeof type === "string" && known[type]) || "The request is malformed";
}
