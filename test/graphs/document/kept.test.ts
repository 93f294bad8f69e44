import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readDocument, writeDocument } from "../../../graphs/document/index.ts";
import { isHostKey } from "../../../graphs/document/plain.ts";
import { comfy04, comfy10, stockGraph } from "./foreign-graphs.ts";
import { stock } from "./litegraph.ts";

type Json = Record<string, unknown>;

const saved = (json: unknown): unknown => JSON.parse(JSON.stringify(writeDocument(readDocument(JSON.stringify(json)))));

describe.each([
  ["ComfyUI 0.4", comfy04],
  ["ComfyUI 1.0", comfy10],
  ["another host of litegraph", stockGraph],
])("a graph of %s", (_, file) => {
  test("opened and saved is the same file", () => {
    expect(saved(file)).toEqual(file);
  });

  test("saved after an edit differs only in what was edited", () => {
    const document = readDocument(file);
    const [first, ...others] = document.nodes;
    const edited = { ...document, nodes: [{ ...first, pos: [7, 8] as const, title: "Renamed" }, ...others] };
    const [one, ...rest] = file.nodes as object[];
    expect(JSON.parse(JSON.stringify(writeDocument(edited)))).toEqual({
      ...file,
      nodes: [{ ...one, pos: [7, 8], title: "Renamed" }, ...rest],
    });
  });

  test("loses a node and its wires, and nothing else", () => {
    const document = readDocument(file);
    const gone = document.nodes[0].id;
    const links = document.links.filter(({ from, to }) => from !== gone && to !== gone);
    const edited = { ...document, nodes: document.nodes.slice(1), links };
    const written = JSON.parse(JSON.stringify(writeDocument(edited)));
    const fixed = ["nodes", "links", "last_link_id"];
    const without = (json: Json) => Object.fromEntries(Object.entries(json).filter(([key]) => !fixed.includes(key)));
    expect(without(written)).toEqual(without(file as unknown as Json));
    expect(written.nodes.map(({ widgets_values }: Json) => widgets_values)).toEqual(
      (file.nodes as unknown as Json[]).slice(1).map(({ widgets_values }) => widgets_values),
    );
  });
});

test("an edited graph gets our mark where it needs one, beside what others said", () => {
  const document = readDocument(comfy10);
  const { extra } = JSON.parse(JSON.stringify(writeDocument({ ...document, about: { versions: {}, title: "Mine" } })));
  expect(extra).toEqual({ ...comfy10.extra, guidegraph: { format: 1, title: "Mine", versions: {} } });
});

test("a counter of the file never goes back, and goes on with new nodes", () => {
  const document = readDocument({ ...comfy04, last_node_id: 20 });
  const added = { ...document.nodes[0], id: 40 };
  const counterOf = (nodes: typeof document.nodes) => (writeDocument({ ...document, nodes }) as Json).last_node_id;
  expect(counterOf([...document.nodes, added])).toBe(40);
  expect(counterOf(document.nodes.slice(0, 1))).toBe(20);
});

/** Values that files of strangers hold, by any key. */
const value = fc
  .jsonValue({ maxDepth: 2 })
  .filter((json) => !/"(__proto__|constructor|prototype)"/.test(JSON.stringify(json)));
const known = new Set(
  "id type nodes links groups inputs outputs link name bounding origin_id origin_slot target_id target_slot mode".split(
    " ",
  ),
);
const key = fc
  .oneof(fc.string({ minLength: 1, maxLength: 12 }), fc.constantFrom("widgets_values", "definitions", "ui", "0", "-1"))
  .filter((key) => !isHostKey(key) && !known.has(key));

/** Everything in a file that may carry keys of its own: the graph, its extra, nodes, flags, slots, links as objects, groups. */
function carriers(file: Json): Json[] {
  const list = (of: unknown) => (Array.isArray(of) ? of.filter((one) => typeof one === "object" && one !== null) : []);
  const nodes = list(file.nodes);
  return [
    file,
    ...nodes,
    ...nodes.flatMap(({ flags, properties, inputs, outputs }) => [
      flags,
      properties,
      ...list(inputs),
      ...list(outputs),
    ]),
    ...nodes.flatMap(({ subgraph }) => (subgraph ? carriers(subgraph) : [])),
    ...list(file.links).filter((link) => !Array.isArray(link)),
    ...list(file.groups),
    file.extra as Json,
  ].filter((one) => typeof one === "object" && one !== null && !Array.isArray(one));
}

/** Keys whose forms we read: other values of them are no strangers' keys but faults. */
const read = new Set(["extra", "guidegraph", "pos", "size", "title", "properties", "subgraph"]);

test("of 200 mutated graphs of strangers nothing is lost", () => {
  const mutation = fc.record({ at: fc.nat(99), key, value, remove: fc.boolean() });
  fc.assert(
    fc.property(
      fc.constantFrom(comfy04, comfy10, stockGraph),
      fc.array(mutation, { minLength: 1, maxLength: 8 }),
      (file, mutations) => {
        const mutant = structuredClone(file) as unknown as Json;
        for (const { at, key, value, remove } of mutations) {
          const places = carriers(mutant);
          const place = places[at % places.length];
          const names = Object.keys(place).filter((name) => !known.has(name) && !read.has(name));
          if (remove && names.length > 0) delete place[names[at % names.length]];
          else if (!read.has(key)) place[key] = JSON.parse(JSON.stringify(value));
        }
        expect(saved(mutant)).toEqual(mutant);
      },
    ),
    { numRuns: 200 },
  );
});

test("every name that a litegraph class has for itself is one that no file brings along", () => {
  for (const owner of [stock.LGraph, stock.LGraphNode, Object])
    for (const name of Object.getOwnPropertyNames(owner.prototype))
      if (typeof Object.getOwnPropertyDescriptor(owner.prototype, name)?.value === "function")
        expect([name, isHostKey(name)]).toEqual([name, true]);
});
