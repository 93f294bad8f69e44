import { describe, expect, test } from "vitest";
import { duplicateNodes } from "../../../client/edit/clipboard.ts";
import { offers, refusal } from "../../../client/edit/fit.ts";
import { addNode, connect, disconnect, nodeOf, removeNodes } from "../../../client/edit/graph.ts";
import { withGraphAt } from "../../../client/edit/level.ts";
import { insertReroute } from "../../../client/edit/reroute.ts";
import { dissolveSubgraph, makeSubgraph } from "../../../client/edit/subgraph.ts";
import { changesBetween } from "../../../client/runs/changes.ts";
import { contentHash, documentBuilder, type Graph, newNode, structures } from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";
import { catalogue } from "../support/catalogue.ts";

const b = documentBuilder(nodes);
const unet = b.add("guidegraph/load-unet");
const noise = b.add("guidegraph/gaussian-noise", { model: unet.out("model") });
const labels = b.add("guidegraph/class-labels");
const direct = b.document();
const settled = (graph: Graph): Graph => withGraphAt(graph, [], graph, catalogue);

/** Load UNet → point → point → Noise. */
const first = insertReroute(direct, catalogue, direct.links[0].id, [400, 100]);
if (!first) throw new Error("The wire is gone");
const second = insertReroute(
  first.graph,
  catalogue,
  first.graph.links.find(({ to }) => to === noise.id)?.id ?? 0,
  [500, 100],
);
if (!second) throw new Error("The wire is gone");
const chain = settled(second.graph);

describe("insertReroute", () => {
  test("leads a wire through points of its kind, and nothing that is computed changes", () => {
    expect(contentHash(chain)).toBe(contentHash(direct));
    expect(changesBetween(direct, chain, ({ type }) => type)).toBeUndefined();
    expect(nodeOf(chain, second.id)?.outputs).toEqual([{ name: "value", type: "model" }]);
    expect(nodeOf(chain, first.id)?.pos).toEqual([392, 96]);
  });

  test("refuses a wire that is not there", () => {
    expect(insertReroute(direct, catalogue, 99, [0, 0])).toBeUndefined();
  });
});

describe("a reroute that is removed", () => {
  test("heals its wire, alone or with others of the chain", () => {
    for (const ids of [[first.id], [second.id], [first.id, second.id]])
      expect(contentHash(removeNodes(chain, new Set(ids)))).toBe(contentHash(direct));
    expect(removeNodes(chain, new Set([first.id, second.id])).links.map(({ from, to }) => [from, to])).toEqual([
      [unet.id, noise.id],
    ]);
  });

  test("leaves no wire where an end of it goes too", () => {
    expect(removeNodes(chain, new Set([unet.id, first.id, second.id])).links).toEqual([]);
    expect(removeNodes(chain, new Set([noise.id, second.id])).links).toHaveLength(1);
  });
});

describe("a wire held over a reroute", () => {
  const held = { node: labels.id, slot: "labels", side: "output", kind: "labels" } as const;
  test("is refused for the input it leads to", () => {
    expect(refusal(chain, catalogue, held, first.id, "value")).toMatch(
      /^A list of labels does not fit “model” of Gaussian Noise, where this leads\./,
    );
  });

  test("may be of any kind while the point leads nowhere, whatever enters it now", () => {
    const link = chain.links.find(({ to }) => to === noise.id)?.id ?? 0;
    const idle = settled(disconnect(chain, link));
    expect(refusal(idle, catalogue, held, first.id, "value")).toBeUndefined();
    const rewired = settled(connect(idle, labels.id, "labels", first.id, "value"));
    expect(nodeOf(rewired, second.id)?.outputs[0].type).toBe("labels");
  });

  test("pulled out of one is judged by what enters it", () => {
    const out = { node: second.id, slot: "value", side: "output", kind: "model" } as const;
    expect(refusal(chain, catalogue, out, labels.id, "model")).toBeUndefined();
    expect(refusal(chain, catalogue, out, labels.id, "classifier")).toMatch(/^A model does not fit “classifier”\./);
    const back = { node: first.id, slot: "value", side: "input", kind: "model" } as const;
    expect(refusal(chain, catalogue, back, labels.id, "labels")).toMatch(/does not fit “labels”/);
  });

  test("is offered a point like any node", () => {
    expect(offers(catalogue, held).map(({ description, port }) => [description.type, port])).toContainEqual([
      "guidegraph/reroute",
      "value",
    ]);
  });
});

test("reroutes are copied, and go into a subgraph and out of it, with their wires", () => {
  const copy = duplicateNodes(chain, new Set([second.id]));
  const [id] = copy.ids;
  expect(copy.graph.links).toContainEqual(expect.objectContaining({ from: first.id, to: id, input: "value" }));
  const made = makeSubgraph(chain, new Set([second.id, noise.id]), "Noise", catalogue);
  expect(nodeOf(made.graph, made.id)?.inputs).toEqual([{ name: "model", type: "model" }]);
  const apart = dissolveSubgraph(made.graph, made.id);
  expect(contentHash({ ...(apart?.graph as Graph), about: chain.about })).toBe(contentHash(chain));
});

test("a promoted parameter that a reroute leads to keeps its value when the subgraph is taken apart", () => {
  const graph = documentBuilder(nodes);
  const sub = graph.subgraph("Sub", { scale: 7 }, (inner) => {
    const value = inner.add("guidegraph/reroute", { value: inner.input("scale", "number") }).out("value");
    inner.add("guidegraph/scale", { scale: value });
  });
  const apart = dissolveSubgraph(graph.document(), sub.id);
  expect(apart?.graph.nodes.find(({ type }) => type === "guidegraph/scale")?.properties.scale).toBe(7);
});

test("a note comes out of the palette with its text to be written", () => {
  const note = newNode({ id: 9, type: structures.note }, catalogue.definitions);
  expect(note).toMatchObject({ inputs: [], outputs: [], properties: { text: "" } });
  expect(contentHash(addNode(direct, note, catalogue))).toBe(contentHash(direct));
});
