/** What can be seen of a node that is drawn: what of a graph of its own has a value when it has run. */
import { type DrawnNode, type DrawnWish, drawnKinds, type Port } from "../nodes/index.ts";
import type { Path } from "./types.ts";

export const drawnOutputs = ({
  path,
  definition: { outputs },
}: DrawnNode): { readonly path: Path; readonly output: string }[] =>
  Object.entries<Port>(outputs).flatMap(([output, { kind }]) =>
    (drawnKinds as readonly string[]).includes(kind) ? [{ path, output }] : [],
  );

/** What is asked of a Differentiate at `path`, by whose output each is. */
export const wishesOf = (path: Path, ends: readonly { readonly of: Path; readonly output: string }[]): DrawnWish[] =>
  ends.map(({ of, output }) => (of === path ? "gradient" : { of, output }));
