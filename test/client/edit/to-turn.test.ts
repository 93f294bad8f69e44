import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { catalogueOf } from "../../../client/edit/catalogue.ts";
import { titleOf } from "../../../client/edit/level.ts";
import { parametersToTurn } from "../../../client/edit/to-turn.ts";
import { documentBuilder, readDocument, setParameter } from "../../../graphs/document/index.ts";
import { describeNodes, nodes } from "../../../nodes/index.ts";

const catalogue = catalogueOf(describeNodes(nodes));
const turned = (graph: Parameters<typeof parametersToTurn>[0]) =>
  parametersToTurn(graph, catalogue).map(({ node, row }) => `${titleOf(node, catalogue)}.${row.name}`);

test.each([
  ["posterior-sampling", ["ζ.value"]],
  ["tfg", ["rho", "mu", "smooth", "iterations", "order", "eta"].map((name) => `Training-Free Guidance.${name}`)],
  ["guidance-interval", ["from", "to", "eta", "clip_denoised"].map((name) => `Interval DDIM.${name}`)],
])("of %s what its author named is among them, and can be set by that name", (example, named) => {
  const file = readFileSync(new URL(`../../../graphs/${example}.json`, import.meta.url), "utf8");
  const document = readDocument(JSON.parse(file));
  const found = turned(document);
  expect(found).toEqual(expect.arrayContaining(named));
  for (const name of found)
    expect(() => setParameter(document, name, "0", nodes), name).not.toThrow(/has no parameter/);
});

test("what a wire brings, and what is the same on every loop, is none", () => {
  const b = documentBuilder(nodes);
  const weight = b.add("guidegraph/number", { value: 2 }, "w").out("number");
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "10" }).out("schedule");
  b.loop("L", { schedule, weight, much: 3 }, (inner) => {
    inner.output("weight", "number", inner.input("weight", "number"));
    inner.output("more", "number", inner.input("much", "number"));
  });
  expect(turned(b.document())).toEqual(["w.value", "Diffusion Schedule.timestep_respacing", "L.much"]);
});

test("a seed of labels that are typed turns nothing", () => {
  const b = documentBuilder(nodes);
  b.add("guidegraph/class-labels", { classes: "1" });
  b.add("guidegraph/class-labels", { num_classes: 3, seed: 5 });
  expect(turned(b.document())).toEqual(["Class Labels.classes", "Class Labels.seed"]);
});

test("where a slot has no wire, what is typed counts, and is shown", () => {
  const b = documentBuilder(nodes);
  b.add("guidegraph/number", { value: 3 });
  b.loop("L", { much: 3 }, (inner) => inner.output("x", "number", inner.input("much", "number")));
  const document = b.document();
  const open = document.nodes.map((node) => {
    const name = node.type === "guidegraph/number" ? "value" : "much";
    return { ...node, inputs: [...node.inputs.filter((slot) => slot.name !== name), { name, type: "number" }] };
  });
  const found = parametersToTurn({ ...document, nodes: open }, catalogue);
  expect(found.map(({ row: { name, value } }) => [name, value])).toEqual([
    ["value", 3],
    ["much", 3],
  ]);
});
