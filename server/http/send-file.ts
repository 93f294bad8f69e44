/** A file as a reply, or a part of it; one that cannot be sent is refused as any other request, with nothing said of the file. */
import type { NextFunction, Response } from "express";
import { Refusal } from "../refusal.ts";
import { notFound } from "./replies.ts";

/** What was said of the file before it was opened. What is told instead, nobody keeps for a year. */
const ofFile = ["Accept-Ranges", "Cache-Control", "Content-Disposition", "Content-Type", "ETag", "Last-Modified"];

/** `isMarked`: its caching, and what tells it from another, was said already. */
export function sendFile(
  path: string,
  { response, next, isMarked = false }: { response: Response; next: NextFunction; isMarked?: boolean },
): void {
  const marks = isMarked ? { etag: false, lastModified: false, cacheControl: false } : {};
  // The data folder may itself lie below a folder such as .local.
  response.sendFile(path, { ...marks, dotfiles: "allow" }, (error?: SendError) => {
    if (!error) return;
    if (!response.headersSent) for (const header of ofFile) response.removeHeader(header);
    next(response.headersSent || response.destroyed ? error : refusalOf(error));
  });
}

/** As `send` makes them: of a file that is not there, and of conditions and ranges that do not hold. */
type SendError = Error & { readonly status?: number; readonly code?: string };

function refusalOf(error: SendError): Error {
  // Something else may lie in its place by now.
  if (error.status === 404 || error.code === "EISDIR" || error.code === "ELOOP") return notFound();
  if (error.status === 412) return new Refusal("changed", "The file is another by now");
  if (error.status === 416) return new Refusal("beyond its end", "The file is not so long");
  return error;
}
