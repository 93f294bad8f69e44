/** What a node that chooses between two wires needs, gives and refuses, whatever their kind. */
import { GraphError } from "../node.ts";
import * as port from "../port.ts";

export const condition = port.number({
  default: 1,
  help: "0 chooses b; any other number chooses a. Inside a Differentiate the other has gradient 0.",
});

const chosenPort = (condition: number): "a" | "b" => (condition === 0 ? "b" : "a");

/** What both of them need: one function, by which it is known that they choose alike. */
export const needsChosen = ({ condition }: { readonly condition: number }) => [chosenPort(condition)] as const;

/** Throws a GraphError for a value that is carried, and not there before a step has made it. */
export function chosen<T>(condition: number, either: { readonly a?: T | undefined; readonly b?: T | undefined }): T {
  const port = chosenPort(condition);
  const value = either[port];
  if (value === undefined) throw notMadeYet(port);
  return value;
}

/** For a side that is chosen before it is there, wherever that is found out. */
export const notMadeYet = (port: string): GraphError =>
  new GraphError(
    `Cannot choose ${port} in the first step: it is carried, and no step has made it yet; let the condition choose the other there, or wire what it is at first to the loop`,
    port,
  );

/** Throws a GraphError for a choice of one. */
export function wantBoth(either: { readonly a?: object | undefined; readonly b?: object | undefined }): void {
  for (const port of ["a", "b"] as const)
    if (!either[port]) throw new GraphError(`Nothing is wired to "${port}": there is nothing to choose from`, port);
}
