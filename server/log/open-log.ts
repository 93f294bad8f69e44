/** A log as it was asked for: lines for people or for programs, to the terminal or to a file. */
import { pino, stdTimeFunctions } from "pino";
import { LogFile, type LogFileOptions } from "./log-file.ts";
import type { formats, Level, Say } from "./say.ts";
import { textLine } from "./text-line.ts";

export interface LogOptions {
  readonly format: (typeof formats)[number];
  /** The least that is said. */
  readonly level: Level;
  /** Instead of the terminal. */
  readonly file?: Omit<LogFileOptions, "instead"> | undefined;
  /** The terminal. */
  readonly err: (text: string) => void;
}

export interface Log {
  readonly say: Say;
  /** Resolves when all is written. */
  close(): Promise<void>;
}

/** Throws when its file cannot be written. */
export async function openLog({ format, level, file: place, err }: LogOptions): Promise<Log> {
  const file = place && (await LogFile.open({ ...place, instead: err }));
  const write = file ? (text: string) => file.write(text) : err;
  const logger = pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    // On a terminal, and for a service manager that notes the time itself, lines stand as they are said.
    { write: (line) => write(format === "json" ? line : textLine(line, { dated: file !== undefined })) },
  );
  return {
    say: (line, { level = "info", ...about } = {}) => {
      // A line that cannot be told is lost; whoever said it has other things to do.
      try {
        logger[level](about, line);
      } catch {}
    },
    close: async () => file?.close(),
  };
}
