import { expect, test } from "vitest";
import { insertAtEnd, insertIntoWire, insertNode } from "../../../client/edit/insert.ts";
import { documentBuilder, type Graph, newNode } from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";
import { catalogue } from "../support/catalogue.ts";

function wiredUp() {
  const graph = documentBuilder(nodes);
  const noise = graph.add("guidegraph/draw-noise", {});
  const scale = graph.add("guidegraph/scale", { tensor: noise.out("eps") });
  return { graph: graph.document(), noise: noise.id, scale: scale.id };
}
const made = (type: string) => newNode({ id: 90, type: `guidegraph/${type}`, pos: [0, 0] }, catalogue.definitions);
const wires = ({ links }: Graph) => links.map(({ from, output, to, input }) => `${from} ${output} → ${to} ${input}`);

test("a node alone brings its version, and no wire", () => {
  const { graph } = wiredUp();
  const next = insertNode(graph, catalogue, made("add"));
  expect(next.wish).toBeUndefined();
  expect(next.graph.nodes.at(-1)?.id).toBe(90);
  expect(next.graph.about.versions["guidegraph/add"]).toBe(nodes["guidegraph/add"].version);
  expect(wires(next.graph)).toEqual(wires(graph));
});

test("a node on a loose end is wired where a port fits, and where none does it comes alone", () => {
  const { graph, noise, scale } = wiredUp();
  const forwards = { node: scale, slot: "tensor", side: "output", kind: "tensor" } as const;
  const next = insertAtEnd(graph, catalogue, made("scale"), forwards);
  expect(next.wish).toMatchObject({ from: scale, to: 90 });
  expect(wires(next.graph)).toHaveLength(wires(graph).length + 1);
  const backwards = { node: noise, slot: "noise", side: "input", kind: "noise" } as const;
  expect(insertAtEnd(graph, catalogue, made("scale"), backwards).wish).toBeUndefined();
});

test("a parameter becomes a slot for the wire that comes into it", () => {
  const { graph, scale } = wiredUp();
  const held = { node: scale, slot: "any", side: "output", kind: "number" } as const;
  const node = made("scale");
  expect(node.inputs.map(({ name }) => name)).toEqual(["tensor"]);
  const { graph: next, wish } = insertAtEnd(graph, catalogue, node, held);
  expect(wish?.input).toBe("scale");
  expect(next.nodes.at(-1)?.inputs.map(({ name }) => name)).toEqual(["tensor", "scale"]);
});

test("a node goes into a wire that it can pass on, else beside it", () => {
  const { graph, noise, scale } = wiredUp();
  const [{ id }] = graph.links;
  const into = wires(insertIntoWire(graph, catalogue, made("scale"), id).graph);
  expect(into).toEqual([
    expect.stringMatching(`^${noise} .* → 90 `),
    expect.stringMatching(`^90 .* → ${scale} tensor$`),
  ]);
  expect(wires(insertIntoWire(graph, catalogue, made("text"), id).graph)).toEqual(wires(graph));
});
