/** Of several files those that something is wrong with are left out, each with its reason: the others are worth their work. */
import { firstOf } from "../../onnx/index.ts";
import { UnusableFile } from "../evaluation/samples-file.ts";
import { UsageError } from "../flags/errors.ts";
import type { Terminal } from "./command.ts";
import { linesOf } from "./errors.ts";

/** So many are named again at the end. */
const named = 5;

export class LeftOut {
  readonly #terminal: Terminal;
  readonly #all: number;
  readonly #isJson: boolean;
  readonly #paths: string[] = [];

  constructor(terminal: Terminal, { all, isJson }: { readonly all: number; readonly isJson: boolean }) {
    this.#terminal = terminal;
    this.#all = all;
    this.#isJson = isJson;
  }

  /**
   * Does something with a file. Rejects as it does where there is no other, when a person interrupts, and with what is not the
   * file's: a card that is lost would fail the others too.
   */
  async unless(path: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const isOfFile = error instanceof UnusableFile || error instanceof UsageError;
      if (!isOfFile || this.#all === 1 || this.#terminal.signal.aborted) throw error;
      const lines = linesOf(error);
      for (const line of lines) this.#terminal.err(`${line}\n`);
      if (this.#isJson) this.#terminal.out(JSON.stringify({ file: path, error: lines.join("\n") }));
      this.#paths.push(path);
    }
  }

  /** Names them once more, where a person looks when all is over; the exit status. */
  status(): number {
    if (this.#paths.length === 0) return 0;
    const which = firstOf(this.#paths, named);
    this.#terminal.err(`Left out, for the reasons above: ${which} (${this.#paths.length} of ${this.#all} files)\n`);
    return 1;
  }
}
