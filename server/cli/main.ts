/** The process around the command line: standard streams, Ctrl-C, exit status. Started by server/guidegraph.mjs. */
import { rmSync } from "node:fs";
import { unfinished } from "../files/atomic.ts";
import { interrupted, runCli } from "./run-cli.ts";

const abort = new AbortController();

/** Inference blocks the thread, so this runs between two model calls; a second Ctrl-C does not wait for the run to end. */
process.on("SIGINT", () => {
  if (abort.signal.aborted) leave();
  abort.abort();
});
process.on("SIGTERM", leave);

function leave(): never {
  for (const file of unfinished) rmSync(file, { force: true });
  process.exit(interrupted);
}

// A reader that went away (`| head`) is no error of ours.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

process.exitCode = await runCli(process.argv.slice(2), {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (text) => process.stderr.write(text),
  columns: process.stderr.isTTY ? process.stderr.columns : undefined,
  signal: abort.signal,
  environment: process.env,
});
if (abort.signal.aborted) leave();
