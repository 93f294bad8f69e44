/** Flags of a log. */
import { UsageError } from "../flags/errors.ts";
import type { Flags, Given } from "../flags/grammar.ts";
import { type Idle, idleFlags } from "../flags/idle.ts";
import type { Log } from "../log/open-log.ts";
import { formats, levels } from "../log/say.ts";
import type { Terminal } from "./command.ts";

export const logFlags = {
  "log-format": { type: "text", help: "lines for people, or JSON for programs (text)", choices: formats },
  "log-level": { type: "text", help: "the least that is said (info)", choices: levels },
  "log-file": { type: "text", help: "file that the log goes to instead of the terminal", value: "FILE" },
  "log-size": { type: "size", min: "64KiB", help: "where it is put aside as FILE.1, FILE.2, … (10MiB)" },
  "log-keep": { type: "integer", min: 1, max: 1_000, help: "how many of these are kept (5)" },
} satisfies Flags;

const idle: readonly Idle<typeof logFlags, undefined>[] = [
  {
    flags: ["log-size", "log-keep"],
    why: ({ "log-file": file }) =>
      file === undefined ? "without --log-file FILE: what goes to the terminal is not put aside" : undefined,
    isRefused: true,
  },
];

/** Throws a UsageError. */
export async function logOf(given: Given<typeof logFlags>, { err }: Pick<Terminal, "err">): Promise<Log> {
  const { "log-format": format = "text", "log-level": level = "info", "log-file": path } = given;
  const { "log-size": maxBytes = 10 * 2 ** 20, "log-keep": kept = 5 } = given;
  idleFlags(idle, given, undefined);
  // Loaded when it is needed, as the server is.
  const { openLog } = await import("../log/open-log.ts");
  try {
    return await openLog({ format, level, err, file: path === undefined ? undefined : { path, maxBytes, kept } });
  } catch (error) {
    throw new UsageError(`Cannot write --log-file ${path}: ${(error as Error).message}`);
  }
}
