/** The process around the command line: standard streams, Ctrl-C, exit status. Started by server/guidegraph.mjs. */
import { rmSync } from "node:fs";
import { unused } from "../channel/unused-signals.ts";
import { unfinished } from "../files/atomic.ts";
import { interrupted, runCli } from "./run-cli.ts";
import { standardError } from "./standard-error.ts";

const abort = new AbortController();
const isServer = ["serve", "worker"].includes(process.argv[2]);

/** Inference blocks the thread, so this runs between two model calls; a second Ctrl-C does not wait for the run to end. */
process.on("SIGINT", () => {
  if (abort.signal.aborted) {
    standardError()("Ended at once; what was at work is not waited for\n");
    leave();
  }
  abort.abort();
});
// A server ends in good order, and that is no failure: the system asks, or the terminal it was started from is closed.
for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => (isServer ? abort.abort() : leave()));

for (const signal of isServer ? unused : [])
  process.on(signal, () => standardError()(`${signal} means nothing here: --log-file rotates by itself\n`));

function leave(status: number = interrupted): never {
  for (const file of unfinished) rmSync(file, { recursive: true, force: true });
  process.exit(status);
}

// A reader that went away (`| head`) is no error of ours. A server does not run for those who read its log.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (!isServer) process.exit(error.code === "EPIPE" ? 0 : 1);
  });

const status = await runCli(process.argv.slice(2), {
  out: (line) => process.stdout.write(`${line}\n`),
  err: standardError(),
  columns: process.stderr.isTTY ? process.stderr.columns : undefined,
  signal: abort.signal,
  environment: process.env,
});
if (abort.signal.aborted) leave(status);
process.exitCode = status;
