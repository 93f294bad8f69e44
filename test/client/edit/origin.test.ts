import { describe, expect, test } from "vitest";
import { differences } from "../../../client/edit/differences.ts";
import { disconnect, removeNodes, setProperty, setTitle, toggleOff } from "../../../client/edit/graph.ts";
import { hashOf, isUntouched, type LibraryEntry, originOf, standing } from "../../../client/edit/origin.ts";
import type { Graph } from "../../../graphs/document/index.ts";
import { samplerGraph } from "../../../graphs/recipes/index.ts";
import { catalogue } from "../support/catalogue.ts";

const graph = samplerGraph("guided-ddim");
const loop = graph.nodes.find(({ inner }) => inner) as Graph["nodes"][number];
const inside = (change: (inner: Graph) => Graph): Graph => ({
  ...graph,
  nodes: graph.nodes.map((node) => (node === loop ? { ...node, inner: change(node.inner as Graph) } : node)),
});
const idOf = (type: string) => loop.inner?.nodes.find((node) => node.type === `guidegraph/${type}`)?.id as number;
const bypassed = inside((inner) => toggleOff(inner, new Set([idOf("condition-score")]), "bypassed"));
const other = inside((inner) => setProperty(inner, idOf("mean-variance"), "clip_denoised", false, catalogue));

const copyOf = (of: Graph, version: number, now = of): Graph => ({
  ...now,
  about: { ...now.about, library: { name: "mine", version, hash: hashOf(of) } },
});
const entry = (of: Graph, version: number, more: Partial<LibraryEntry> = {}): LibraryEntry => ({
  ...{ name: "mine", builtIn: false, hash: hashOf(of), version },
  ...more,
});
const words = (copy: Graph, library: readonly LibraryEntry[]) => {
  const origin = originOf(copy, library);
  return origin && `${origin.name} · ${standing(origin)}`;
};

describe("originOf", () => {
  test("says how a copy stands to the library's entry", () => {
    expect(originOf(graph, [])).toBeUndefined();
    expect(words(copyOf(graph, 1), [entry(graph, 1, { builtIn: true })])).toBe("mine · built in");
    expect(words(copyOf(graph, 2), [entry(graph, 2)])).toBe("mine · version 2");
    expect(words(copyOf(graph, 2, bypassed), [entry(graph, 2)])).toBe("mine · edited");
    expect(words(copyOf(graph, 2), [entry(other, 3)])).toBe("mine · version 2 of 3");
    expect(words(copyOf(graph, 2, bypassed), [entry(other, 3)])).toBe("mine · edited · version 2 of 3");
    expect(words(copyOf(graph, 1), [entry(other, 1, { builtIn: true })])).toBe("mine · an older version");
    expect(words(copyOf(graph, 1), [])).toBe("mine · from the library");
    expect(words(copyOf(graph, 1, bypassed), [])).toBe("mine · edited");
  });

  test("takes a copy that was edited into what the library has now for that", () => {
    expect(words(copyOf(graph, 1, other), [entry(other, 2)])).toBe("mine · version 2");
  });

  test("finds an entry that was given another name", () => {
    expect(words(copyOf(graph, 1), [entry(graph, 1, { name: "ours", formerly: ["mine"] })])).toBe("ours · version 1");
    const again = [entry(other, 2), entry(graph, 1, { name: "ours", formerly: ["mine"] })];
    expect(words(copyOf(graph, 1), again)).toBe("mine · version 1 of 2");
  });
});

test("isUntouched holds until the copy does something else", () => {
  expect(isUntouched(copyOf(graph, 1))).toBe(true);
  expect(isUntouched(copyOf(graph, 1, bypassed))).toBe(false);
  expect(isUntouched(graph)).toBe(false);
});

describe("differences", () => {
  test("names values, bypasses, titles, wires, and nodes that came or went, at any depth", () => {
    expect(differences(graph, graph, catalogue)).toEqual([]);
    expect(differences(graph, bypassed, catalogue)).toEqual(["Condition Score is bypassed"]);
    expect(differences(bypassed, graph, catalogue)).toEqual(["Condition Score runs again"]);
    expect(differences(graph, other, catalogue)).toEqual(["Mean & Variance: clip_denoised none → false"]);
    const named = inside((inner) => setTitle(inner, idOf("predict"), "Ask the network"));
    expect(differences(graph, named, catalogue)).toEqual(["Predict is called Ask the network"]);
    const wire = loop.inner?.links.find(({ to }) => to === idOf("condition-score"))?.id as number;
    expect(
      differences(
        graph,
        inside((inner) => disconnect(inner, wire)),
        catalogue,
      ),
    ).toEqual([expect.stringMatching(/^Condition Score: \w+ is not wired$/)]);
    const without = inside((inner) => removeNodes(inner, new Set([idOf("guidance-gradient")])));
    expect(differences(graph, without, catalogue)).toEqual([
      "Guidance Gradient is gone",
      "Condition Score: gradient is not wired",
    ]);
    expect(differences(without, graph, catalogue)).toContain("Guidance Gradient is new");
  });
});
