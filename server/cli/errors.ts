/** What a person reads when something went wrong: lines that say what to do, never a stack. */
import { ConfigurationError, UsageError } from "../flags/errors.ts";

/** 78 is sysexits' EX_CONFIG. */
export const exitCodeOf = (error: unknown): number =>
  error instanceof UsageError ? 2 : error instanceof ConfigurationError ? 78 : 1;

/** One line an error, with the node and port it belongs to; several where an error holds several. */
export function linesOf(error: unknown): string[] {
  if (hasErrors(error)) return error.errors.flatMap(linesOf);
  const { path, port, message } = isProblem(error) ? error : { message: String(error) };
  const where = path === undefined ? "" : `node ${path}${port === undefined ? "" : `, ${port}`}: `;
  const [first, ...rest] = message.split("\n").filter((line) => line.trim() !== "");
  return [where + printable(first ?? "It failed without saying why"), ...rest.map(printable)];
}

const isProblem = (error: unknown): error is { message: string; path?: string; port?: string } =>
  typeof error === "object" && error !== null && "message" in error && typeof error.message === "string";

const hasErrors = (error: unknown): error is { errors: readonly unknown[] } =>
  typeof error === "object" &&
  error !== null &&
  "errors" in error &&
  Array.isArray(error.errors) &&
  error.errors.length > 0;

/** What a hostile file may have put into a message does not reach the terminal as control characters. */
function printable(line: string): string {
  const plain = line.replace(/\p{Cc}/gu, "?").trimEnd();
  return plain.length > 1000 ? `${plain.slice(0, 999)}…` : plain;
}
