/** Wires that a run is to show: those that its graph has, and has not. */
import { upgrade } from "../../executor/index.ts";
import { type GraphDocument, listed, placeAt, portsOf } from "../../graphs/document/index.ts";
import type { Registry } from "../../nodes/index.ts";
import type { Problem, RunRequest } from "../protocol.ts";

type Watch = RunRequest["watch"];

/** Those that there are, and a note of each of the others. */
export function watchedIn(
  document: GraphDocument,
  watch: Watch,
  registry: Registry,
): { readonly watch: Watch; readonly notes: Problem[] } {
  if (watch.length === 0) return { watch, notes: [] };
  const today = upgrade(document, registry);
  const told = watch.map((one) => [one, whyUnseen(today, one, registry)] as const);
  return {
    watch: told.flatMap(([one, why]) => (why ? [] : [one])),
    notes: told.flatMap(([, why]) => why ?? []),
  };
}

function whyUnseen(document: GraphDocument, { path, output }: Watch[number], registry: Registry): Problem | undefined {
  const node = placeAt(document, path);
  if (!node) return { message: `Nothing is shown of ${path} ${output}: no node is at ${path}` };
  const ports = portsOf(node, registry);
  const outputs = ports ? Object.keys(ports.outputs) : node.outputs.map(({ name }) => name);
  if (outputs.includes(output)) return undefined;
  return { message: `Nothing is shown of it: it has no output "${output}"${listed(output, outputs)}`, node: path };
}
