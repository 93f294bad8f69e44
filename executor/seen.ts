/** What can be seen of a node that is drawn: what of a graph of its own has a value when it has run. */
import { type DrawnNode, drawnKinds, type Port } from "../nodes/index.ts";
import type { Path } from "./types.ts";

export const drawnOutputs = ({
  path,
  definition: { outputs },
}: DrawnNode): { readonly path: Path; readonly output: string }[] =>
  Object.entries<Port>(outputs).flatMap(([output, { kind }]) =>
    (drawnKinds as readonly string[]).includes(kind) ? [{ path, output }] : [],
  );
