import { oneLine } from "../graphs/document/index.ts";
import { GraphError } from "../nodes/index.ts";
import type { Path } from "./types.ts";

/** More than this are counted, not listed. */
const listed = 50;

/** A graph that cannot run: every problem found, each with the node and the port that a person must change. */
export class GraphErrors extends Error {
  override readonly name = "GraphErrors";
  readonly errors: readonly GraphError[];
  constructor(errors: readonly GraphError[]) {
    const told = errors.slice(0, listed).map(({ message, port, path }) => new GraphError(oneLine(message), port, path));
    const more = errors.length > listed ? [`and ${errors.length - listed} problems more`] : [];
    super([...told.map(describe), ...more].join("\n"));
    this.errors = told;
  }
}

/** "node 7/3, x: Nothing is wired to it" */
export const describe = ({ path, port, message }: Pick<GraphError, "path" | "port" | "message">): string =>
  path === undefined ? message : `node ${path}${port === undefined ? "" : `, ${oneLine(port, 100)}`}: ${message}`;

/** Whatever a node threw, as the error of that node; message and port are kept. */
export function errorAt(path: Path, error: unknown): GraphError {
  if (error instanceof GraphError)
    return error.path === undefined ? new GraphError(error.message, error.port, path, error.typed) : error;
  return Object.assign(new GraphError(error instanceof Error ? error.message : String(error), undefined, path), {
    cause: error,
  });
}
