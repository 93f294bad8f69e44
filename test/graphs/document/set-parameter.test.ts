import { expect, test } from "vitest";
import { DocumentError, documentBuilder, limits, setParameter, setParameters } from "../../../graphs/document/index.ts";
import { toys } from "../../executor/toys.ts";

const { registry } = toys();
const graph = documentBuilder(registry);
const start = graph.add("guidegraph/constant", { value: 1 }, "Start");
const dotted = graph.add("guidegraph/scale", { x: start.out("x"), factor: 2 }, "Scale v1.5");
const labels = graph.add("guidegraph/labels", {});
const number = graph.add("guidegraph/number", { value: 4 });
const wired = graph.add("guidegraph/scale", { x: dotted.out("x"), factor: number.out("value") }, "Wired");
const sub = graph.subgraph("Sampler", { x: wired.out("x") }, (inner) => {
  const again = inner.add(
    "guidegraph/scale",
    { x: inner.input("x", "tensor"), factor: inner.input("strength", "number") },
    "Again",
  );
  const twin = inner.add("guidegraph/constant", { value: 5 }, "Twin");
  inner.output("x", "tensor", inner.add("guidegraph/add", { a: again.out("x"), b: twin.out("x") }).out("x"));
});
graph.add("guidegraph/constant", {}, "Twin");
graph.add("guidegraph/show", { x: sub.out("x") });
const document = graph.document();
const set = (name: string, value: string | number | boolean) => setParameter(document, name, value, registry);

test.each([
  ["Start.value", "12", 12],
  ["Start.value", "-1.5e-3", -0.0015],
  ["Start.value", 7, 7],
  ["1.value", "3", 3],
  ["Scale v1.5.factor", "4", 4],
  ["Labels.mode", "two", "two"],
  ["Labels.mode", "12", "12"],
  ["Labels.on", "no", false],
  ["Labels.on", "T", true],
  ["Sampler.strength", "9", 9],
])("%s becomes %j", (name, value, expected) => {
  const parameter = name.slice(name.lastIndexOf(".") + 1);
  const changed = set(name, value).nodes.filter((node, i) => node !== document.nodes[i]);
  expect(changed.map(({ properties }) => properties[parameter])).toEqual([expected]);
});

test("a path reaches into a subgraph, and the document given stays as it was", () => {
  const twin = document.nodes[sub.id - 1].inner?.nodes.find(({ title }) => title === "Twin");
  const changed = set(`${sub.id}/${twin?.id}.value`, "6");
  expect(changed.nodes[sub.id - 1].inner?.nodes.find(({ title }) => title === "Twin")?.properties.value).toBe(6);
  expect(twin?.properties.value).toBe(5);
});

test.each([
  ["Strat.value", "1", 'Cannot set "Strat.value": no node has the title "Strat": did you mean "Start"?'],
  [
    "Start.valeu",
    "1",
    'node 1, valeu: Cannot set "Start.valeu": Start has no parameter "valeu": did you mean "value"?',
  ],
  ["Start.x", "1", 'Start has no parameter "x": there are "value", "size"'],
  ["Scale v1.5.x", "1", 'Scale v1.5 has no parameter "x": there are "factor"'],
  ["Twin.value", "1", '2 nodes have the title "Twin"; write one of 6/4.value, 7.value'],
  ["Wired.factor", "1", "a wire supplies it"],
  ["Again.factor", "1", "a wire supplies it"],
  ["Start.value", "ten", 'node 1, value: Cannot set "Start.value": "ten" is not a number'],
  ["Start.value", "", '"" is not a number'],
  ["Start.value", "0x10", '"0x10" is not a number'],
  ["Labels.on", "maybe", '"maybe" is not a boolean'],
  ["Start", "1", 'write "Node title.parameter=value"'],
  ["factor", "1", 'it names no node: write "Node title.parameter=value"; did you mean "Scale v1.5.factor"?'],
  ["factors", "1", 'did you mean "Scale v1.5.factor"?'],
  ["Start.factor", "1", 'Start has no parameter "factor"; did you mean "Scale v1.5.factor"?'],
  ["Sampling.strength", "1", 'no node has the title "Sampling"; did you mean "Sampler.strength"?'],
  ["Start.__proto__", "1", 'Start has no parameter "__proto__"'],
  ["99.value", "1", 'no node has the title "99"'],
])("%s=%s is refused", (name, value, message) => {
  expect(() => set(name, value)).toThrow(DocumentError);
  expect(() => set(name, value)).toThrow(message);
});

test("where nodes share a title, the one that can be set is meant", () => {
  const graph = documentBuilder(registry);
  const x = graph.add("guidegraph/constant").out("x");
  graph.subgraph("Same", { x }, (inner) => {
    const factor = inner.input("factor", "number");
    inner.output(
      "x",
      "tensor",
      inner.add("guidegraph/scale", { x: inner.input("x", "tensor"), factor }, "Same").out("x"),
    );
  });
  const changed = setParameter(graph.document(), "Same.factor", "5", registry);
  expect(changed.nodes[1].properties.factor).toBe(5);
});

test("nodes without a title of their own go by their definition's", () => {
  expect(set("Number.value", "8").nodes[number.id - 1].properties.value).toBe(8);
  expect(set("Labels.on", "yes").nodes[labels.id - 1].properties.on).toBe(true);
});

test("several are set one after the other, and all that cannot be are told, up to a limit", () => {
  const both = setParameters(
    document,
    [
      ["Start.value", 2],
      ["Labels.on", "no"],
      ["1.value", 3],
    ],
    registry,
  );
  expect([both.nodes[0].properties.value, both.nodes[labels.id - 1].properties.on]).toEqual([3, false]);
  const unknown = Array.from({ length: 200 }, (_, i) => [`None ${i}.x`, 1] as const);
  expect(errorsOf(() => setParameters(document, unknown, registry)).length).toBe(50);
});

test("names that nothing has cost little, however many and however long", () => {
  const graph = documentBuilder(registry);
  for (let i = 0; i < limits.nodes; i++) graph.add("guidegraph/constant", {}, `${"a".repeat(80)}${i}`);
  const many = graph.document();
  const settings = Array.from({ length: 20_000 }, (_, i) => [`${"b".repeat(80)}${i}.value`, 1] as const);
  const started = performance.now();
  errorsOf(() => setParameters(many, settings, registry));
  const all = Array.from({ length: 1_000 }, (_, i) => [`${i + 1}.value`, i] as const);
  expect(setParameters(many, all, registry).nodes[999].properties.value).toBe(999);
  console.info(
    `${settings.length} unknown and ${all.length} known names: ${Math.round(performance.now() - started)} ms`,
  );
  expect(performance.now() - started).toBeLessThan(10_000);
});

test("many nodes of one title are not looked through for each setting, nor all listed", () => {
  const graph = documentBuilder(registry);
  for (let i = 0; i < limits.nodes; i++) graph.add("guidegraph/constant", {}, "Same");
  const [error] = errorsOf(() => setParameter(graph.document(), "Same.value", 1, registry));
  expect(error.message).toMatch(/^Cannot set "Same.value": \d+ nodes have the title "Same"; write one of .{1,300}, …$/);
});

test("a title that nobody would type is not offered, nor a long value told whole", () => {
  const graph = documentBuilder(registry);
  for (let i = 0; i < 5; i++) graph.add("guidegraph/constant", {}, `${i}${"a".repeat(limits.string - 1)}`);
  const titled = graph.document();
  const whyNot = (name: string, value: string) =>
    errorsOf(() => setParameter(titled, name, value, registry)).map(({ message }) => message);
  const offered = '"1.value" or "2.value" or "3.value" or "4.value"';
  expect(whyNot("value", "1")[0]).toContain(`did you mean ${offered}?`);
  expect(whyNot("None.value", "1")[0]).toBe(
    `Cannot set "None.value": no node has the title "None"; did you mean ${offered}?`,
  );
  expect(whyNot("1.value", "9a".repeat(10_000))[0].length).toBeLessThan(200);
});

function errorsOf(act: () => unknown): DocumentError["errors"] {
  try {
    act();
  } catch (error) {
    if (error instanceof DocumentError) return error.errors;
  }
  throw new Error("It was not refused");
}
