/**
 * Flags that do nothing where another is not given, or is: whoever typed one meant something by it. A pasted command carries
 * the defaults of its script, so a value that would have held anyway is passed over.
 */
import { UsageError } from "./errors.ts";
import type { Flags, Given } from "./grammar.ts";

/** `known`: what is told beside the flags, such as by the networks that they name. */
export interface Idle<T extends Flags, Known> {
  readonly flags: readonly (keyof T & string)[];
  /** Values with which nothing is lost. */
  readonly usual?: Given<T>;
  /** Why they do nothing, as a sentence goes on behind "does nothing"; undefined where they count. */
  readonly why: (given: Given<T>, known: Known) => string | undefined;
  /** Nothing else can have been meant, and no script prints it: the command is refused. */
  readonly isRefused?: true;
}

/** A line of each row that has any. Throws a UsageError where one is refused. */
export function idleFlags<T extends Flags, Known>(
  rows: readonly Idle<T, Known>[],
  given: Given<T>,
  known: Known,
): string[] {
  return rows.flatMap(({ flags, usual = {}, why, isRefused }) => {
    const typed = flags.filter((name) => given[name] !== undefined && !isUsual(given[name], (usual as Given<T>)[name]));
    const reason = typed.length === 0 ? undefined : why(given, known);
    if (reason === undefined) return [];
    const line = `${typed.map((name) => `--${name}`).join(", ")} ${typed.length > 1 ? "do" : "does"} nothing ${reason}`;
    if (isRefused) throw new UsageError(line);
    return [line];
  });
}

/** Blanks in a list are nobody's meaning. */
const isUsual = (value: unknown, usual: unknown): boolean =>
  typeof value === "string" && typeof usual === "string"
    ? value.replaceAll(" ", "") === usual.replaceAll(" ", "")
    : value === usual;
