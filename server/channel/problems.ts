/** What went wrong, in words that may leave the machine: capped, printable, without the names of its folders. */
import { unmasked } from "../../graphs/document/index.ts";
import type { GraphError } from "../../nodes/index.ts";
import { diskFull, isDiskFull } from "../files/disk-full.ts";
import { withoutFolders } from "../files/without-folders.ts";
import type { Problem, RunFailure } from "../protocol.ts";
import { saysDeviceLost } from "../providers/lost-device.ts";

const maxLength = 1_000;
const maxProblems = 50;

/** Everything an error says, each with node and port where it has them. */
export function presentableProblems(error: unknown, hidden: readonly string[]): Problem[] {
  if (isMany(error)) return error.errors.slice(0, maxProblems).flatMap((one) => presentableProblems(one, hidden));
  const { message, path, port } = (error ?? {}) as { message?: unknown; path?: unknown; port?: unknown };
  return [
    {
      message: presentable(typeof message === "string" ? message : String(error), hidden),
      ...(typeof path === "string" && { node: path }),
      ...(typeof port === "string" && { port: port.slice(0, 200) }),
    },
  ];
}

/** What will run, and may not be meant: in no words but the graph's own. */
export const presentableNotes = (notes: readonly GraphError[]): Problem[] =>
  notes.slice(0, maxProblems).flatMap((note) => presentableProblems(note, []));

/** A run that came from another machine cannot be drawn here as it is there; nothing is wrong with the run. */
export class OtherMachine extends Error {
  override readonly name = "OtherMachine";
}

/** Why a run failed: its first problem, the others in its message. */
export function failureOf(error: unknown, hidden: readonly string[]): RunFailure {
  const [first, ...more] = presentableProblems(error, hidden);
  const message = [first, ...more]
    .map(({ message }) => message)
    .join("\n")
    .slice(0, 2 * maxLength);
  if (isDiskFull(error)) return { code: "DISK_FULL", ...first, message: diskFull };
  if (saysDeviceLost(message))
    return { code: "DEVICE_LOST", ...first, message: `The device it ran on was lost: ${message}` };
  return { code: error instanceof OtherMachine ? "OTHER_MACHINE" : "GRAPH", ...first, message };
}

/** Control characters, turns of direction, the names of folders and all beyond a thousand characters are left out. */
export function presentable(message: string, hidden: readonly string[]): string {
  const placeless = withoutFolders(Object.fromEntries(hidden.map((folder) => [folder, "…"])));
  const text = unmasked(placeless(message), "\n");
  return text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text;
}

const isMany = (error: unknown): error is { errors: readonly unknown[] } =>
  typeof error === "object" &&
  error !== null &&
  "errors" in error &&
  Array.isArray(error.errors) &&
  error.errors.length > 0;
