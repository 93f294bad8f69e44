/** What a command of the command line is. */
import type { Flags } from "../flags/grammar.ts";

export interface Command {
  /** One line, for the overview. */
  readonly summary: string;
  /** How it is called, without `guidegraph`. */
  readonly usage: string;
  /** What the help says above the flags. */
  readonly description: string;
  readonly flags: Flags;
  /** Runs it with what follows its name; resolves to the exit status. */
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}

/** Where a command reads and writes: the process's own, or a test's. */
export interface Terminal {
  readonly out: (line: string) => void;
  readonly err: (text: string) => void;
  /** Columns of stderr when it is a terminal. */
  readonly columns: number | undefined;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly environment: NodeJS.ProcessEnv;
}
