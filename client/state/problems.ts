/** All that keeps a document from running, and what the nodes are called where it arises. */
import type { Graph } from "../../graphs/document/index.ts";
import type { Problem } from "../../server/protocol.ts";
import type { Catalogue } from "../edit/catalogue.ts";
import { nodeOf } from "../edit/graph.ts";
import { graphAt, titleOf } from "../edit/level.ts";
import type { Tab } from "./tab.ts";

/** What a run was refused for, else what is known without one. */
export const problemsOf = ({ problems, known }: Tab): readonly Problem[] =>
  problems.length > 0 ? problems : (known?.problems ?? []);

/** What the node at a path is called. */
export function titleAt(document: Graph, path: string | undefined, catalogue: Catalogue): string | undefined {
  const ids = (path ?? "").split("/").map(Number);
  const node = nodeOf(graphAt(document, ids.slice(0, -1)) ?? document, ids.at(-1) as number);
  return node && titleOf(node, catalogue);
}
