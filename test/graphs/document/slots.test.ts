import { describe, expect, test } from "vitest";
import {
  type Definitions,
  type GraphNode,
  newNode,
  type PortShape,
  portsOf,
  readDocument,
  slotsOf,
  wiredSlots,
  withDefaults,
  withPorts,
  writeDocument,
} from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";

const wire = (kind: string): PortShape => ({ kind, optional: false });
const parameter = (value: number): PortShape => ({ kind: "number", optional: false, parameter: { default: value } });
const definitions: Definitions = {
  mix: {
    version: 1,
    title: "Mix",
    inputs: { x: wire("tensor"), scale: parameter(2), y: wire("tensor"), eta: parameter(0) },
    outputs: { x: wire("tensor") },
  },
};
const mix: GraphNode = newNode({ id: 7, type: "mix" }, definitions);
const ports = portsOf(mix, definitions)!;
const names = (node: GraphNode) => node.inputs.map(({ name }) => name);
const link = (input: string, output = "x") => ({ id: 1, from: 3, output, to: 7, input });
const given = (inputs: string[]): GraphNode => ({ ...mix, inputs: inputs.map((name) => ({ name, type: "old" })) });

describe("slots follow from ports", () => {
  test("one for each port in its order; a parameter has one where it is an input", () => {
    expect(slotsOf(ports.inputs).map(({ name }) => name)).toEqual(["x", "y"]);
    expect(slotsOf(ports.inputs, ["eta"]).map(({ name }) => name)).toEqual(["x", "y", "eta"]);
  });

  const cases: [what: string, stored: string[], wired: string[], kept: string[], cut: string[]][] = [
    ["stored in another order", ["y", "x"], [], ["x", "y"], ["x", "y"]],
    ["a parameter that is an input", ["x", "scale"], [], ["x", "scale", "y"], ["x", "scale", "y"]],
    ["a parameter that is wired", [], ["eta"], ["x", "y", "eta"], ["x", "y", "eta"]],
    ["a stranger", ["gone"], [], ["x", "y"], ["x", "y"]],
    ["a wired stranger", ["gone"], ["gone"], ["x", "y", "gone"], ["x", "y"]],
    [
      "one with the name of what every object has",
      ["constructor"],
      ["constructor"],
      ["x", "y", "constructor"],
      ["x", "y"],
    ],
  ];
  test.each(cases)("%s", (_, stored, wired, kept, cut) => {
    const on = wiredSlots(wired.map((input) => link(input)));
    expect(names(withPorts(given(stored), ports, on, "kept"))).toEqual(kept);
    expect(names(withPorts(given(stored), ports, on, "cut"))).toEqual(cut);
  });

  test("a slot takes the kind of its port and keeps its label", () => {
    const labelled = { ...mix, inputs: [{ name: "x", type: "old", label: "picture" }] };
    expect(withPorts(labelled, ports, wiredSlots([]), "kept").inputs[0]).toEqual({
      name: "x",
      type: "tensor",
      label: "picture",
    });
  });

  test("a wire on one side says nothing of a slot with its name on the other", () => {
    const on = wiredSlots([{ id: 1, from: 7, output: "eta", to: 3, input: "eta" }]);
    expect(names(withPorts(mix, ports, on, "kept"))).toEqual(["x", "y"]);
  });

  test("parameters without a wire have a value: their own, else the default", () => {
    const own = { ...mix, properties: { eta: 1 } };
    expect(withDefaults(own, ports, () => false).properties).toEqual({ scale: 2, eta: 1 });
    expect(withDefaults({ ...mix, properties: {} }, ports, (name) => name === "scale").properties).toEqual({ eta: 0 });
  });
});

describe("newNode", () => {
  test.each(Object.keys(nodes))(
    "%s has the slots of its ports, values for its parameters, and is read as it is written",
    (type) => {
      const node = newNode({ id: 1, type }, nodes);
      const ports = portsOf(node, nodes)!;
      const wires = Object.keys(ports.inputs).filter((name) => !ports.inputs[name].parameter);
      expect(node.inputs.map(({ name }) => name)).toEqual(wires);
      expect(node.outputs.map(({ name }) => name)).toEqual(Object.keys(ports.outputs));
      for (const [name, { parameter }] of Object.entries(ports.inputs))
        expect(node.properties[name]).toEqual(parameter?.default);
      expect(withPorts(node, ports, wiredSlots([]), "kept")).toEqual(node);
      const graph = { nodes: [node], links: [], groups: [], about: { versions: {} } };
      expect(readDocument(writeDocument(graph)).nodes[0]).toEqual(node);
    },
  );
});
