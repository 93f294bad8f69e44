/** Graphs that end the process they run in. */
import { join } from "node:path";
import { documentBuilder, type GraphDocument } from "../../graphs/document/index.ts";
import { registryWith } from "../../server/engine/own-nodes.ts";
import { packageRoot } from "../../server/files/package-root.ts";

/** The file for `--nodes`. */
export const dyingNodes: string = join(packageRoot, "test", "fixtures", "nodes", "dying.mjs");

const registry = await registryWith([dyingNodes]);

/** `model`: a file that the graph names as well. */
export function dying(how: string, model?: string): GraphDocument {
  const b = documentBuilder(registry, { title: "Dying" });
  b.add("guidegraph/dying", { how });
  if (model) b.add("guidegraph/load-unet", { file: model });
  return b.document();
}
