/**
 * A body that trickles holds a connection, and what is behind it, for as long as its sender likes. It must come on: so much in
 * every while, as long as it is read here, and a small one as a whole in a few minutes.
 */
import type { RequestHandler } from "express";
import { Refusal } from "../refusal.ts";
import { refuse } from "./replies.ts";

export interface Pace {
  /** In each `whileMs` come at least `leastBytes`, or the end. */
  readonly whileMs: number;
  readonly leastBytes: number;
  /** All of it comes in so long; absent: as long as it comes on. */
  readonly longestMs?: number;
}

/** The slowest of mobile networks brings ten times as much. */
const slowest = { whileMs: 30_000, leastBytes: 16_384 } as const;
/** JSON has 2 MiB at most. */
export const jsonPace: Pace = { ...slowest, longestMs: 180_000 };
export const filePace: Pace = slowest;

export const atPace =
  ({ whileMs, leastBytes, longestMs = Number.POSITIVE_INFINITY }: Pace): RequestHandler =>
  (request, response, next) => {
    const { socket } = request;
    const began = performance.now();
    let seen = socket.bytesRead;
    const timer = setInterval(
      () => {
        const came = socket.bytesRead - seen;
        seen = socket.bytesRead;
        // What waits here is for us to read: then nothing more comes, and whoever sends is not to blame.
        const isOurs = request.readableLength >= request.readableHighWaterMark;
        if ((came >= leastBytes || isOurs) && performance.now() - began < longestMs) return;
        end();
        if (!response.headersSent) {
          response.setHeader("Connection", "close");
          refuse(
            response,
            new Refusal("too slow", "Its body comes too slowly: send it again over a faster connection"),
          );
        }
        response.once("close", () => socket.destroy());
        setTimeout(() => socket.destroy(), 1_000).unref();
      },
      Math.min(whileMs, longestMs),
    ).unref();
    const end = () => clearInterval(timer);
    request.once("end", end).once("close", end);
    next();
  };
