/** `guidegraph serve`: not there yet. */
import type { Command } from "./command.ts";

export const serveCommand: Command = {
  summary: "Open the editor (not there yet).",
  usage: "serve",
  description: "The server and its editor are not part of this version; run, sample and check work without them.",
  flags: {},
  run: () => Promise.reject(new Error("serve is not there yet: use run, sample or check")),
};
