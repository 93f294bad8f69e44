/** The real command line, in this process: what it printed, what it wrote, how it ended. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCli } from "../../server/cli/run-cli.ts";
import { onOneThread } from "./one-thread.ts";

/** Shared by all tests, as by all runs of a person: keys are made of content. */
export const testCache: string = join(tmpdir(), "guidegraph-test-cache");

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), "guidegraph-"));

export interface Outcome {
  readonly code: number;
  readonly out: readonly string[];
  /** Lines of stderr without the backend and progress. */
  readonly err: readonly string[];
}

export async function guidegraph(
  args: readonly string[],
  { signal = new AbortController().signal } = {},
): Promise<Outcome> {
  const out: string[] = [];
  let err = "";
  const code = await runCli(onOneThread(args), {
    out: (line) => out.push(line),
    err: (text) => {
      err += text;
    },
    columns: undefined,
    signal,
    environment: { GUIDEGRAPH_CACHE: testCache },
  });
  // Whatever comes behind it, in a terminal too, is on a line of its own.
  if (err !== "" && !err.endsWith("\n")) throw new Error(`The last line of stderr is not ended: ${err}`);
  return {
    code,
    out,
    err: err
      .split("\n")
      .filter((line) => line !== "" && !/^Backend |^step \d+ of|^\d+ of \d+ (pictures|batches), /.test(line)),
  };
}
