/** What a file sets that a node has not: whoever wrote it by hand meant another, whose default counts meanwhile. */
import { isBorder, listed } from "../graphs/document/index.ts";
import { GraphError } from "../nodes/index.ts";
import type { Placed } from "./scope.ts";

/** A file may set thousands of them. */
const mostTold = 20;

export function unknownParameters(places: readonly Placed[]): GraphError[] {
  const unknown = places.flatMap(({ node, path, entry, inputs }) =>
    entry === undefined || isBorder(node)
      ? []
      : Object.keys(node.properties).flatMap((name) => (inputs.has(name) ? [] : { path, name, inputs })),
  );
  return unknown
    .slice(0, mostTold)
    .map(
      ({ path, name, inputs }) =>
        new GraphError(
          `It has no parameter "${name.slice(0, 80)}"${listed(name, [...inputs.keys()])}`,
          undefined,
          path,
        ),
    );
}
