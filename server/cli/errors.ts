/** What a person reads when something went wrong: lines that say what to do, never a stack. */
import { unmasked } from "../../graphs/document/index.ts";
import { diskFullHere, isDiskFull, TooLittleRoom } from "../files/disk-full.ts";
import { ConfigurationError, UsageError } from "../flags/errors.ts";

/** 78 is sysexits' EX_CONFIG. */
export const exitCodeOf = (error: unknown): number =>
  error instanceof UsageError ? 2 : error instanceof ConfigurationError ? 78 : 1;

/** Something that is wrong, with the node and port it belongs to. */
export interface SaidProblem {
  readonly message: string;
  readonly path?: string;
  readonly port?: string;
  /** Of the node at `path`. */
  readonly title?: string;
}

/** What an error says: itself, or each of those that it holds. */
export function flattened(error: unknown): SaidProblem[] {
  if (hasErrors(error)) return error.errors.flatMap(flattened);
  if (!isProblem(error)) return [{ message: String(error) }];
  const { message, path, port, title } = error;
  return [
    {
      message,
      ...(path !== undefined && { path }),
      ...(port !== undefined && { port }),
      ...(title !== undefined && { title }),
    },
  ];
}

/** One line a problem, more where its message has more. */
export function linesOf(error: unknown): string[] {
  const isFull = isDiskFull(error) && !(error instanceof TooLittleRoom);
  return flattened(error).flatMap((problem) => {
    if (isFull) return [printable(placeOf(problem) + fullThere(problem.message))];
    const [first, ...rest] = problem.message.split("\n").filter((line) => line.trim() !== "");
    return [printable(placeOf(problem) + (first ?? "It failed without saying why")), ...rest.map(printable)];
  });
}

/** With what could not be written, where that is known: the full disk may be another than the one that a person looks at. */
function fullThere(message: string): string {
  const [what] = message.split(/:?\s*(?:ENOSPC|EDQUOT|SQLITE_FULL)/, 1);
  if (what !== "") return `${what}: the disk is full; free some space there, then start it again`;
  const [, path] = /, \w+ '(.+)'$/.exec(message) ?? [];
  return path === undefined
    ? diskFullHere
    : `Cannot write ${path}: the disk is full; free some space there, then start it again`;
}

/** `"Gaussian Noise" (7/3), size: ` */
function placeOf({ path, port, title }: SaidProblem): string {
  if (path === undefined) return "";
  return `${title === undefined ? `node ${path}` : `"${title}" (${path})`}${port === undefined ? "" : `, ${port}`}: `;
}

const isProblem = (error: unknown): error is SaidProblem =>
  typeof error === "object" && error !== null && "message" in error && typeof error.message === "string";

const hasErrors = (error: unknown): error is { errors: readonly unknown[] } =>
  typeof error === "object" &&
  error !== null &&
  "errors" in error &&
  Array.isArray(error.errors) &&
  error.errors.length > 0;

/** What a hostile file may have put into a message does not reach the terminal as control characters. */
function printable(line: string): string {
  const plain = unmasked(line).trimEnd();
  return plain.length > 1000 ? `${plain.slice(0, 999)}…` : plain;
}
