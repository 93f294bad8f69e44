/** Replies and files leave as fast as they are taken, piece by piece; a connection that has stopped is ended. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { maxDownloadStallMs } from "./limits.ts";

/**
 * Node tells of a connection over which nothing has passed for so long. What waits then is taken by nobody; what is not
 * there yet, somebody still works at.
 */
export function endStalledDownloads(
  http: Server,
  { stallMs = maxDownloadStallMs, ended = () => {} }: { readonly stallMs?: number; readonly ended?: () => void } = {},
): void {
  http.timeout = stallMs;
  http.prependListener("request", (_request: IncomingMessage, response: ServerResponse) => {
    response.on("timeout", (socket: Socket) => {
      if (socket.writableLength === 0) return;
      ended();
      socket.destroy();
    });
  });
}
