/** Bodies of requests: JSON as a whole, parsed in turns with all else, files as a stream, both up to a limit. */
import { createHash } from "node:crypto";
import express, { type Request, type RequestHandler } from "express";
import { isDeeperThan, limits, nestedDeeper, parseInPieces } from "../../graphs/document/index.ts";
import { doneInTurns } from "../documents/in-turns.ts";
import { Refusal } from "../refusal.ts";
import { atPace, filePace, jsonPace } from "./slow-bodies.ts";

/** A document's own limit; what is around it is small. */
const maxJsonBytes = limits.text;
/** A document's own limit says more of it. */
const maxDepth = 2 * limits.depth;

const hashes = new WeakMap<object, string>();

/**
 * JSON and nothing else: a form or a text is what a foreign page may send unasked. Not compressed, since a small body
 * could be an enormous one.
 */
export const jsonBody: readonly RequestHandler[] = [
  (request, _response, next) => {
    if (!request.is("application/json")) throw new Refusal("wrong form", "The body must be application/json");
    next();
  },
  atPace(jsonPace),
  express.text({
    type: "application/json",
    limit: maxJsonBytes,
    inflate: false,
    verify: (request, _response, bytes, encoding) => {
      // In another, brackets are other bytes.
      if (encoding !== "utf-8") throw new Refusal("wrong form", "The body must be UTF-8");
      hashes.set(request, createHash("sha256").update(bytes).digest("hex"));
    },
  }),
  async (request, _response, next) => {
    // None at all is for the route to refuse.
    if (typeof request.body === "string") request.body = request.body === "" ? {} : await parsed(request.body);
    next();
  },
];

async function parsed(text: string): Promise<unknown> {
  if (isDeeperThan(text, maxDepth)) throw new Refusal("malformed", `The body ${nestedDeeper(maxDepth)}`);
  try {
    return await doneInTurns(parseInPieces(text));
  } catch (error) {
    throw error instanceof SyntaxError ? new Refusal("malformed", "The body is not JSON") : error;
  }
}

/** SHA-256 of a JSON body's bytes. */
export const bodyHash = (request: Request): string => hashes.get(request) ?? "";

const paced = atPace(filePace);

export const fileBody: RequestHandler = (request, response, next) => {
  if (!request.is(["application/octet-stream", "image/png", "image/jpeg", "image/webp"]))
    throw new Refusal("wrong form", "The body must be the file itself: application/octet-stream or image/*");
  if (request.headers["content-encoding"])
    throw new Refusal("wrong form", "The body must come as it is, not compressed");
  paced(request, response, next);
};
