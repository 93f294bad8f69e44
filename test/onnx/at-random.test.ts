import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import {
  drawnAtRandom,
  graphBuilder,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  readModel,
} from "../../onnx/index.ts";
import { ModelProtoSchema } from "../../onnx/proto/onnx_pb.ts";

const node = (op: string, inputs: readonly string[], outputs: readonly string[], attributes = {}): OnnxNode => ({
  ...{ op, domain: "", name: outputs[0], inputs, outputs, attributes, floats: new Set<string>() },
});
const graphOf = (nodes: readonly OnnxNode[], inputs: readonly string[], outputs: readonly string[]): OnnxGraph => ({
  name: "g",
  nodes,
  inputs: inputs.map((name) => ({ name, type: "float32", dims: ["N", 3, 4, 4] })),
  outputs: outputs.map((name) => ({ name, type: "float32", dims: ["N", 3, 4, 4] })),
  initializers: new Map(
    [...Object.entries(flags), ...Object.entries(ratios)].map(([name, tensor]) => [name, { dims: [], ...tensor }]),
  ),
});
const flags = {
  yes: { type: "bool", data: Uint8Array.of(1) },
  no: { type: "bool", data: Uint8Array.of(0) },
} as const;
const ratios = {
  half: { type: "float32", data: new Uint8Array(Float32Array.of(0.5).buffer) },
  none: { type: "float32", data: new Uint8Array(4) },
} as const;
const modelOf = (graph: OnnxGraph): OnnxModel => ({ graph, opsets: new Map([["", 18]]), metadata: new Map() });

/** Nodes that make "r" of "v", and whether it is another each time. */
const sources: Record<string, readonly [nodes: readonly OnnxNode[], isDrawn: boolean]> = {
  RandomNormalLike: [[node("RandomNormalLike", ["v"], ["r"])], true],
  RandomUniformLike: [[node("RandomUniformLike", ["v"], ["r"], { seed: 7 })], true],
  RandomNormal: [[node("RandomNormal", [], ["r"], { shape: [1, 3, 4, 4] })], true],
  RandomUniform: [[node("RandomUniform", [], ["r"], { shape: [1, 3, 4, 4] })], true],
  Bernoulli: [[node("Bernoulli", ["v"], ["r"])], true],
  Multinomial: [[node("Multinomial", ["v"], ["r"])], true],
  "Dropout in training": [[node("Dropout", ["v", "half", "yes"], ["r"])], true],
  "Dropout in training by the usual ratio": [[node("Dropout", ["v", "", "yes"], ["r"])], true],
  "Dropout in training by what is computed": [
    [node("Not", ["no"], ["on"]), node("Dropout", ["v", "half", "on"], ["r", "mask"])],
    true,
  ],
  "Dropout in training by a Constant": [
    [
      node("Constant", [], ["on"], { value: { dims: [], ...flags.yes } }),
      node("Dropout", ["v", "half", "on"], ["r", "mask"]),
    ],
    true,
  ],
  "Dropout in training of nothing": [[node("Dropout", ["v", "none", "yes"], ["r"])], false],
  "Dropout out of training": [[node("Dropout", ["v", "half", "no"], ["r"])], false],
  "Dropout that is not told": [[node("Dropout", ["v", "half"], ["r"])], false],
  "a sum": [[node("Add", ["v", "half"], ["r"])], false],
};

/** Where such nodes stand: graphs that give "y" of "x", and whether "y" depends on "r". */
const places: Record<string, readonly [graph: (nodes: readonly OnnxNode[]) => OnnxGraph, isRead: boolean]> = {
  "in the graph": [(nodes) => outer([...nodes, node("Add", ["v", "r"], ["y"])]), true],
  "behind another operator": [
    (nodes) => outer([...nodes, node("Neg", ["r"], ["n"]), node("Mul", ["n", "v"], ["y"])]),
    true,
  ],
  "where nothing reads it": [(nodes) => outer([...nodes, node("Neg", ["v"], ["y"])]), false],
  "where its shape alone is read": [
    (nodes) => outer([...nodes, node("Shape", ["r"], ["s"]), node("Expand", ["v", "s"], ["y"])]),
    false,
  ],
  "in a branch": [
    (nodes) =>
      outer([
        node("ReduceMax", ["v"], ["m"], { keepdims: 0 }),
        node("Cast", ["m"], ["c"], { to: "bool" }),
        inIf(nodes),
      ]),
    true,
  ],
  "in a branch in a branch": [
    (nodes) =>
      outer([
        node("ReduceMax", ["v"], ["m"], { keepdims: 0 }),
        node("Cast", ["m"], ["c"], { to: "bool" }),
        inIf([{ ...inIf(nodes), outputs: ["r"] }]),
      ]),
    true,
  ],
  "in a Scan": [
    (nodes) =>
      outer([
        node("Scan", ["x"], ["y"], { num_scan_inputs: 1, body: { ...graphOf(nodes, ["v"], ["r"]) } }),
        node("Neg", ["v"], ["other"]),
      ]),
    true,
  ],
  "in a Loop whose result is not read": [
    (nodes) =>
      outer([
        node("Loop", ["", "yes", "v"], ["l"], { body: graphOf(nodes, ["i", "on", "v"], ["on", "r"]) }),
        node("Neg", ["v"], ["y"]),
      ]),
    false,
  ],
};
const outer = (nodes: readonly OnnxNode[]): OnnxGraph => graphOf([node("Relu", ["x"], ["v"]), ...nodes], ["x"], ["y"]);
const inIf = (nodes: readonly OnnxNode[]): OnnxNode =>
  node("If", ["c"], ["y"], {
    then_branch: graphOf(nodes, [], ["r"]),
    else_branch: graphOf([node("Identity", ["v"], ["e"])], [], ["e"]),
  });

describe.each(Object.entries(sources))("%s", (_, [nodes, isDrawn]) => {
  test.each(Object.entries(places))("%s", (_, [graph, isRead]) => {
    const said = drawnAtRandom(modelOf(graph(nodes)), ["y"]).get("y");
    if (isDrawn && isRead) expect(said).toMatch(/^it draws at random, .* in node "r".*model\.eval\(\)/);
    else expect(said).toBeUndefined();
  });
});

test("each output is told by itself", () => {
  const op = graphBuilder();
  const x = op.input("x", "float32", ["N", 3]);
  op.output("mean", op.Neg(x), "float32", ["N", 3]);
  op.output("sample", op.Add(x, op.RandomNormalLike(x)), "float32", ["N", 3]);
  expect([...drawnAtRandom(op.model("vae"), ["mean", "sample"]).keys()]).toEqual(["sample"]);
});

test("in a function that the file brings", () => {
  const functions: MessageInitShape<typeof ModelProtoSchema>["functions"] = [
    {
      ...{ name: "noisy", domain: "my.own", input: ["a"], output: ["b"] },
      opsetImport: [{ domain: "", version: 18n }],
      node: [
        { opType: "RandomNormalLike", input: ["a"], output: ["e"] },
        { opType: "Add", input: ["a", "e"], output: ["b"] },
      ],
    },
  ];
  const value = (name: string) => ({
    name,
    type: { value: { case: "tensorType" as const, value: { elemType: 1 } } },
  });
  const bytes = toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [{ domain: "", version: 18n }],
      functions,
      graph: {
        name: "g",
        node: [{ opType: "noisy", domain: "my.own", input: ["x"], output: ["y"] }],
        input: [value("x")],
        output: [value("y")],
      },
    }),
  );
  expect(drawnAtRandom(readModel(bytes), ["y"]).get("y")).toContain("RandomNormalLike");
});
