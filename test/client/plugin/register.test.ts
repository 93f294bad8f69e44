import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { HostGraph, LiteGraphHost, MenuEntry } from "../../../client/plugin/host.ts";
import { type Graph, type GraphDocument, readDocument, understood } from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";
import { packageRoot } from "../../../server/files/package-root.ts";
import { added, type CoreNode, LGraph, LiteGraph } from "./host.ts";

const files = ["", "samplers/"].flatMap((folder) =>
  readdirSync(join(packageRoot, "graphs", folder))
    .filter((name) => name.endsWith(".json"))
    .map((name) => `${folder}${name}`),
);
const textOf = (file: string) => readFileSync(join(packageRoot, "graphs", file), "utf8");
/** What a server would be sent. */
const sent = (graph: HostGraph): GraphDocument =>
  understood(readDocument(JSON.parse(JSON.stringify(graph.serialize()))));

/** Nodes grow to hold litegraph's letters; all else is to be the same. */
function without(graph: Graph): unknown {
  return {
    ...graph,
    links: [...graph.links].sort((a, b) => a.id - b.id),
    nodes: graph.nodes.map(({ size: _size, inner, ...node }) => ({ ...node, ...(inner && { inner: without(inner) }) })),
  };
}

describe("register", () => {
  test.each(files)("graphs/%s comes out of the host as it went in", (file) => {
    const graph = new LGraph();
    graph.configure(JSON.parse(textOf(file)));
    const document = readDocument(textOf(file));
    expect(without(sent(graph))).toEqual(without(document));
    for (const [i, { type, size }] of sent(graph).nodes.entries()) {
      if (type === "guidegraph/reroute") continue;
      expect(size[0]).toBeGreaterThanOrEqual(document.nodes[i].size[0]);
      expect(size[1]).toBeGreaterThanOrEqual(document.nodes[i].size[1]);
    }
  });

  test.each(Object.entries(nodes))("%s is a node of the host with its ports and parameters", (type, definition) => {
    const graph = new LGraph();
    const node = added(graph, type.replace("guidegraph/", ""));
    expect(node.title).toBe(definition.title);
    const parameters = Object.entries(definition.inputs).filter(([, { parameter }]) => parameter);
    const border = { name: "x", kind: "tensor" };
    const isBorder = /(input|output)$/.test(type);
    expect(node.properties).toEqual(
      isBorder ? border : Object.fromEntries(parameters.map(([name, { parameter }]) => [name, parameter?.default])),
    );
    expect(node.widgets?.map(({ name }) => name)).toEqual(isBorder ? [] : Object.keys(node.properties));
    if (!("run" in definition)) return;
    const wired = Object.entries(definition.inputs).filter(([, { parameter }]) => !parameter);
    expect(node.inputs.map(({ name, type }) => [name, type])).toEqual(wired.map(([name, { kind }]) => [name, kind]));
    expect(node.outputs.map(({ name, type }) => [name, type])).toEqual(
      Object.entries(definition.outputs as Record<string, { kind: string }>).map(([name, { kind }]) => [name, kind]),
    );
    expect(sent(graph).about.versions).toEqual({ [type]: definition.version });
  });

  test("palette, colours and help are the definitions'", () => {
    const types = LiteGraph.registered_node_types as Record<string, { category: string; desc: string }>;
    expect(types["guidegraph/condition-mean"].category).toBe("guidegraph/guidance");
    expect(types["guidegraph/condition-mean"].desc).toContain("μ̂");
    expect(types["guidegraph/load-unet"].desc).not.toMatch(/[<>"]/);
    expect((LiteGraph as LiteGraphHost).LGraphCanvas.link_type_colors.image).toBe("#68F08F");
  });
});

describe("parameters", () => {
  test("widgets and properties are in step, and what does not fit is not taken", () => {
    const node = added(new LGraph(), "gaussian-noise");
    const widget = (name: string) => node.widgets?.find((one) => one.name === name);
    expect(widget("seed")).toMatchObject({
      type: "number",
      options: { property: "seed", min: 0, step: 10, precision: 0 },
    });
    expect(widget("generator")).toMatchObject({ type: "combo", options: { values: ["philox", "torch"] } });
    node.setProperty("seed", 12.6);
    node.setProperty("generator", "torch");
    expect([node.properties.seed, widget("seed")?.value, widget("generator")?.value]).toEqual([13, 13, "torch"]);
    node.setProperty("seed", Number.NaN);
    node.setProperty("seed", -5);
    node.setProperty("generator", "dice");
    expect([node.properties.seed, node.properties.generator]).toEqual([0, "torch"]);
    node.configure({ properties: { seed: 7, generator: "philox" } });
    expect([widget("seed")?.value, widget("generator")?.value]).toEqual([7, "philox"]);
  });

  test("what is not taken as it was entered is said below the node, until it is entered as it may be", () => {
    const node = added(new LGraph(), "gaussian-noise");
    const said = (name: string, value: unknown) => {
      node.setProperty(name, value);
      return (node as unknown as { view: { note?: string } }).view.note;
    };
    expect(said("seed", -5)).toMatch(/^seed: It must be a whole number.*not -5\. It is 0 now\.$/);
    expect(said("height", 64)).toMatch(/^seed: /);
    expect(said("seed", 12.6)).toBeUndefined();
    expect(said("seed", "twelve")).toMatch(/not "?twelve"?\. It stays as it was\.$/);
    expect(said("seed", 7)).toBeUndefined();
    expect(said("generator", "dice")).toMatch(/^generator: It must be one of .*dice"?\. It stays as it was\.$/);
    expect(said("generator", "philox")).toBeUndefined();
  });

  test("lets go of a file's hash when another file is chosen", () => {
    const node = added(new LGraph(), "load-unet");
    node.configure({ properties: { file: "a.pt", sha256: "a1b2" } });
    node.setProperty("flags", "--num_heads 4");
    expect(node.properties.sha256).toBe("a1b2");
    node.setProperty("file", "b.pt");
    expect([node.properties.file, node.properties.sha256]).toEqual(["b.pt", ""]);
  });

  test("an empty choice reads as a person would say it, and is saved empty", () => {
    const node = added(new LGraph(), "diffusion-schedule");
    const widget = node.widgets?.find(({ name }) => name === "noise_schedule");
    expect(widget?.value).toBe("from the model");
    node.setProperty("noise_schedule", "cosine");
    node.setProperty("noise_schedule", "from the model");
    expect([node.properties.noise_schedule, widget?.value]).toEqual(["", "from the model"]);
  });

  test("every one can become an input, and a widget again", () => {
    const graph = new LGraph();
    const node = added(graph, "build-cond-fn");
    const offered = (node as unknown as { onGetInputs(): [string, string][] }).onGetInputs();
    expect(offered).toEqual([["scale", "number"]]);
    node.addInput(...offered[0]);
    expect(node.inputs.at(-1)).toMatchObject({ name: "scale", type: "number", removable: true });
    expect(node.widgets).toEqual([]);
    added(graph, "number").connect(0, node, "scale");
    expect(sent(graph).links).toMatchObject([{ output: "number", input: "scale" }]);
    node.removeInput(node.findInputSlot("scale"));
    expect(node.widgets?.map(({ name }) => name)).toEqual(["scale"]);
    expect(sent(graph).links).toEqual([]);
  });

  test("slots of an older file come in the definition's order with their wires", () => {
    const graph = new LGraph();
    const [noise, labels] = [added(graph, "gaussian-noise"), added(graph, "class-labels")];
    labels.connect(0, noise, "labels");
    const file = JSON.parse(JSON.stringify(graph.serialize()));
    const stored = file.nodes[0].inputs;
    file.nodes[0].inputs = [stored.find(({ name }: { name: string }) => name === "labels")].flat();
    file.links[0][4] = 0;
    const again = new LGraph();
    again.configure(file);
    expect(again._nodes[0].inputs.map(({ name }) => name)).toEqual(noise.inputs.map(({ name }) => name));
    expect(sent(again).links).toMatchObject([{ from: 2, output: "labels", to: 1, input: "labels" }]);
  });
});

describe("what holds a graph", () => {
  /** A subgraph with an input that is the scale of a node inside, and that node. */
  function holder() {
    const graph = new LGraph();
    const outer = added(graph, "subgraph");
    const inner = outer.subgraph as HostGraph;
    const input = added(inner, "input");
    const scale = added(inner, "scale");
    return { graph, outer, inner, input, scale };
  }
  const names = (node: CoreNode) => node.inputs.map(({ name, type }) => `${name} ${type}`);

  test("has the ports of its Graph Inputs and Outputs, whatever becomes of them", () => {
    const { graph, outer, inner, input, scale } = holder();
    expect(names(outer)).toEqual(["x tensor"]);
    const source = added(graph, "gaussian-noise");
    source.connect("x_T", outer, "x");
    input.setProperty("name", "noise");
    expect([input.title, names(outer)]).toEqual(["noise", ["noise tensor"]]);
    expect(sent(graph).links).toMatchObject([{ output: "x_T", input: "noise" }]);
    const output = added(inner, "output");
    scale.connect(0, output, 0);
    expect(outer.outputs.map(({ name }) => name)).toEqual(["x"]);
    inner.remove(input);
    expect([names(outer), sent(graph).links]).toEqual([[], []]);
  });

  test("differentiates what is chosen from its graph, under whatever name", () => {
    const graph = new LGraph();
    const outer = added(graph, "differentiate");
    const inner = outer.subgraph as HostGraph;
    const output = added(inner, "output");
    output.setProperty("name", "loss");
    const input = added(inner, "input");
    expect(names(outer)).toEqual(["x tensor"]);
    expect(outer.outputs.map(({ name }) => name)).toEqual(["gradient", "loss"]);
    expect(outer.widgets).toMatchObject([
      { name: "of", value: "loss", options: { values: ["loss"] } },
      { name: "by", value: "x", options: { values: ["x"] } },
    ]);
    output.setProperty("name", "energy");
    input.setProperty("name", "y");
    expect(outer.properties).toMatchObject({ of: "energy", by: "y" });
    const again = new LGraph();
    again.configure(JSON.parse(JSON.stringify(graph.serialize())));
    expect(again._nodes[0].properties).toMatchObject({ of: "energy", by: "y" });
  });

  test("takes a value in a wire's place for what feeds no parameter", () => {
    const { graph, outer, inner, input } = holder();
    input.setProperty("kind", "number");
    input.connect(0, added(inner, "formula"), "a");
    expect([names(outer), outer.widgets]).toEqual([["x number"], []]);
    const menu = (outer as CoreNode & { getExtraMenuOptions(canvas: object): MenuEntry[] }).getExtraMenuOptions({});
    menu.find((entry) => entry?.content === "Type x")?.callback?.();
    expect(names(outer)).toEqual([]);
    expect(outer.widgets).toMatchObject([{ name: "x", value: 0, type: "number" }]);
    outer.setProperty("x", 4);
    const again = new LGraph();
    again.configure(JSON.parse(JSON.stringify(graph.serialize())));
    expect(again._nodes[0].widgets).toMatchObject([{ name: "x", value: 4 }]);
  });

  test("shows as its own the parameters that its inputs feed, at any depth", () => {
    const { outer, input, scale } = holder();
    input.setProperty("kind", "number");
    scale.addInput("scale", "number");
    input.connect(0, scale, "scale");
    expect(names(outer)).toEqual([]);
    expect(outer.widgets).toMatchObject([{ name: "x", value: scale.properties.scale, type: "number" }]);
    outer.setProperty("x", 4);
    expect(outer.properties).toEqual({ x: 4 });
    const outermost = added(new LGraph(), "subgraph");
    outermost.subgraph?.add(outer.clone());
    const field = added(outermost.subgraph as HostGraph, "input");
    field.setProperty("kind", "number");
    const nested = outermost.subgraph?._nodes[0] as CoreNode;
    nested.addInput("x", "number");
    field.connect(0, nested, "x");
    expect(outermost.widgets).toMatchObject([{ name: "x", value: 4, type: "number" }]);
    outer.addInput("x", "number");
    expect([names(outer), outer.widgets]).toEqual([["x number"], []]);
    outer.removeInput(0);
    input.setProperty("name", "by");
    expect([outer.properties, outer.widgets?.map(({ name, value }) => [name, value])]).toEqual([
      { by: 4 },
      [["by", 4]],
    ]);
  });

  test("takes ports that litegraph's own panel adds and removes", () => {
    const { outer, inner } = holder();
    outer.addInput("labels", "labels");
    outer.addOutput("picture", "image");
    expect(inner._nodes.map(({ type, properties }) => [type, properties.name, properties.kind])).toContainEqual([
      "guidegraph/output",
      "picture",
      "image",
    ]);
    outer.removeInput(outer.findInputSlot("labels"));
    expect(inner._nodes.some(({ properties }) => properties.name === "labels")).toBe(false);
  });

  test("a second port of a name gets another; renaming one of two leaves the other its wire", () => {
    const { graph, outer, inner, input } = holder();
    added(graph, "gaussian-noise").connect("x_T", outer, "x");
    const second = added(inner, "input");
    expect([second.properties.name, names(outer)]).toEqual(["x_2", ["x tensor", "x_2 tensor"]]);
    second.properties.name = "x";
    second.setProperty("name", "mask");
    expect([input.properties.name, names(outer)]).toEqual(["x", ["x tensor", "mask tensor"]]);
    expect(sent(graph).links).toMatchObject([{ output: "x_T", input: "x" }]);
  });

  test("is copied with all that is in it", () => {
    const { outer } = holder();
    const copy = outer.clone();
    expect(copy.subgraph).not.toBe(outer.subgraph);
    expect(copy.subgraph?._nodes.map(({ type }) => type)).toEqual(["guidegraph/input", "guidegraph/scale"]);
    expect(names(copy)).toEqual(["x tensor"]);
  });

  test("is drawn and double-clicked: it opens", async () => {
    const { outer, inner } = holder();
    const opened = await new Promise((resolve) =>
      (outer as unknown as { onDblClick(e: null, at: null, canvas: object): void }).onDblClick(null, null, {
        openSubgraph: resolve,
      }),
    );
    expect(opened).toBe(inner);
  });
});

test("a reroute takes the kind of what passes through it, and gives it back", () => {
  const graph = new LGraph();
  const [model, first, second, predict] = ["load-unet", "reroute", "reroute", "predict"].map((type) =>
    added(graph, type),
  );
  first.connect(0, second, 0);
  model.connect(0, first, 0);
  expect(second.outputs[0].type).toBe("model");
  expect(second.connect(0, predict, "x")).toBeNull();
  expect(second.connect(0, predict, "model")).not.toBeNull();
  model.disconnectOutput(0);
  expect(first.inputs[0].type).toBe("model");
  second.disconnectOutput(0);
  expect(first.inputs[0].type).toBe("*");
});
