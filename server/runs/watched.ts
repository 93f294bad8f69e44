/** Wires that a run is to show: those that its graph has, and has not. */
import { upgrade } from "../../executor/index.ts";
import { type GraphDocument, listed, placeAt, portsOf } from "../../graphs/document/index.ts";
import type { Registry } from "../../nodes/index.ts";
import type { Problem, RunRequest } from "../protocol.ts";

/** A note of each that is not there: of it nothing will be shown. */
export function unwatchable(document: GraphDocument, watch: RunRequest["watch"], registry: Registry): Problem[] {
  if (watch.length === 0) return [];
  const today = upgrade(document, registry);
  return watch.flatMap(({ path, output }): Problem[] => {
    const node = placeAt(today, path);
    if (!node) return [{ message: `Nothing is shown of ${path} ${output}: no node is at ${path}` }];
    const ports = portsOf(node, registry);
    const outputs = ports ? Object.keys(ports.outputs) : node.outputs.map(({ name }) => name);
    if (outputs.includes(output)) return [];
    return [{ message: `Nothing is shown of it: it has no output "${output}"${listed(output, outputs)}`, node: path }];
  });
}
