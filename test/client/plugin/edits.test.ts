/** Whatever is done to a graph through litegraph's API, what the host saves is a document, and opens as the same. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { HostGraph } from "../../../client/plugin/host.ts";
import { contentHash, readDocument } from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";
import { packageRoot } from "../../../server/files/package-root.ts";
import { added, type CoreNode, LGraph } from "./host.ts";

const text = readFileSync(join(packageRoot, "graphs", "guided-ddim.json"), "utf8");
const types = Object.keys(nodes).map((type) => type.replace("guidegraph/", ""));
const saved = (graph: HostGraph) => JSON.parse(JSON.stringify(graph.serialize()));

/** Every graph in a graph, itself first. */
const graphsIn = (graph: HostGraph): HostGraph[] => [
  graph,
  ...(graph._nodes as CoreNode[]).flatMap(({ subgraph }) => (subgraph ? graphsIn(subgraph) : [])),
];

type Pick = <T>(list: readonly T[]) => T | undefined;

const changes = [
  ["name", "a"],
  ["name", "b"],
  ["kind", "image"],
  ["kind", "number"],
] as const;

const edits: readonly ((graph: HostGraph, nodes: readonly CoreNode[], pick: Pick) => void)[] = [
  (_graph, nodes, pick) => {
    const [from, to] = [pick(nodes), pick(nodes)];
    const [output, input] = [pick(from?.outputs ?? []), pick(to?.inputs ?? [])];
    if (from && to && output && input) from.connect(output.name, to, input.name);
  },
  (_graph, nodes, pick) => {
    const node = pick(nodes.filter(({ inputs }) => inputs.length > 0));
    if (node) node.disconnectInput(node.inputs.indexOf(pick(node.inputs) as CoreNode["inputs"][0]));
  },
  (graph, nodes, pick) => {
    const node = pick(nodes);
    if (node) graph.remove(node);
  },
  (graph, _nodes, pick) => added(graph, pick(types) as string),
  (_graph, nodes, pick) => {
    const node = pick(nodes);
    const offered = pick((node as { onGetInputs?(): [string, string][] } | undefined)?.onGetInputs?.() ?? []);
    if (node && offered) node.addInput(...offered);
  },
  (_graph, nodes, pick) => {
    const node = pick(nodes);
    const slot = node?.inputs.findIndex(({ removable }) => removable) ?? -1;
    if (slot >= 0) node?.removeInput(slot);
  },
  (_graph, nodes, pick) => {
    const border = pick(nodes.filter(({ type }) => /put$/.test(type)));
    const [name, value] = pick(changes) ?? changes[0];
    border?.setProperty(name, value);
  },
  (graph, nodes, pick) => {
    const copy = pick(nodes)?.clone();
    if (copy) graph.add(copy);
  },
];

test("what is saved after any edits is a document, and the host opens it as it was", () => {
  const numbers = fc.array(fc.nat(1000), { minLength: 8, maxLength: 240 });
  fc.assert(
    fc.property(numbers, (numbers) => {
      const graph = new LGraph();
      graph.configure(JSON.parse(text));
      let at = 0;
      const pick: Pick = (list) => list[(numbers[at++ % numbers.length] + at) % Math.max(1, list.length)];
      while (at < numbers.length) {
        const level = pick(graphsIn(graph)) as HostGraph;
        pick(edits)?.(level, level._nodes as CoreNode[], pick);
      }
      const file = saved(graph);
      const document = readDocument(file);
      for (const level of graphsIn(graph)) {
        const links = Object.values(level.links).flatMap((link) => link ?? []);
        for (const { id, target_id, target_slot, origin_id, origin_slot } of links) {
          expect(level.getNodeById(target_id)?.inputs[target_slot].link).toBe(id);
          expect(level.getNodeById(origin_id)?.outputs[origin_slot].links).toContain(id);
        }
      }
      const again = new LGraph();
      again.configure(file);
      expect(contentHash(readDocument(saved(again)))).toBe(contentHash(document));
    }),
    { numRuns: 100, seed: 4 },
  );
});
