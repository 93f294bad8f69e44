import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { describe, expect, test } from "vitest";
import { gradientModel, graphBuilder, type OnnxNode, readModel, writeModel } from "../../onnx/index.ts";
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  FunctionProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
} from "../../onnx/proto/onnx_pb.ts";
import { openSession } from "../support/sessions.ts";

const opsetImport = [
  create(OperatorSetIdProtoSchema, { domain: "", version: 18n }),
  create(OperatorSetIdProtoSchema, { domain: "own", version: 1n }),
];
const node = (opType: string, input: string[], output: string[], attribute: object[] = [], domain = "") =>
  create(NodeProtoSchema, {
    opType,
    input,
    output,
    domain,
    attribute: attribute.map((a) => create(AttributeProtoSchema, a)),
  });

/** y = tanh(αx) + x: what is inside is called x and h, as outside. */
const scaled = create(FunctionProtoSchema, {
  name: "Scaled",
  domain: "own",
  input: ["x"],
  output: ["y"],
  attribute: ["alpha"],
  opsetImport,
  node: [
    node("Constant", [], ["a"], [{ name: "value_float", type: AttributeType.FLOAT, refAttrName: "alpha" }]),
    node("Mul", ["x", "a"], ["h"]),
    node("Tanh", ["h"], ["t"]),
    node("Add", ["t", "x"], ["y"]),
  ],
});
const alpha = (f: number) => [{ name: "alpha", type: AttributeType.FLOAT, f }];
/** Calls it twice, with different α. */
const twice = create(FunctionProtoSchema, {
  name: "Twice",
  domain: "own",
  input: ["h"],
  output: ["y"],
  opsetImport,
  node: [node("Scaled", ["h"], ["x"], alpha(0.5), "own"), node("Scaled", ["x"], ["y"], alpha(-2), "own")],
});

async function modelProto(nodes: ReturnType<typeof node>[], functions = [scaled, twice]): Promise<ModelProto> {
  const op = graphBuilder();
  op.input("x", "float32", [1, 3]);
  op.output("y", "x", "float32", [1, 3]);
  const proto = fromBinary(ModelProtoSchema, await writeModel(op.model("calls")));
  proto.graph!.node = nodes;
  return Object.assign(proto, { functions, opsetImport });
}

const x = { type: "float32", dims: [1, 3], values: Float64Array.of(0.3, -0.8, 1.2) } as const;

describe("functions of a model's own", () => {
  const cases = {
    "a call": [node("Scaled", ["x"], ["y"], alpha(0.7), "own")],
    "calls of calls, with names that occur outside too": [
      node("Twice", ["x"], ["h"], [], "own"),
      node("Scaled", ["h"], ["t"], alpha(3), "own"),
      node("Mul", ["t", "h"], ["y"]),
    ],
  };

  test.each(Object.entries(cases))(
    "%s: compute what onnxruntime computes of them, and have a gradient",
    async (_, nodes) => {
      const bytes = toBinary(ModelProtoSchema, await modelProto(nodes));
      const model = readModel(bytes);
      expect(model.graph.nodes.every(({ domain }: OnnxNode) => domain === "")).toBe(true);
      const [own, inlined] = await Promise.all(
        [bytes, await writeModel(model)].map(async (model) => (await openSession(model, "cpu")).run({ x })),
      );
      expect([...inlined.y.values]).toEqual([...own.y.values]);
      expect(() => gradientModel(model, { of: "y", wrt: "x" })).not.toThrow();
    },
  );

  test("have the defaults of their attributes", async () => {
    const value = create(AttributeProtoSchema, { name: "alpha", type: AttributeType.FLOAT, f: 0.5 });
    const data = new BinaryWriter().bytes(toBinary(AttributeProtoSchema, value)).finish();
    const preset = Object.assign(create(FunctionProtoSchema, scaled), { $unknown: [{ no: 11, wireType: 2, data }] });
    const proto = await modelProto([node("Scaled", ["x"], ["y"], [], "own")], [preset]);
    const { y } = await (await openSession(await writeModel(readModel(toBinary(ModelProtoSchema, proto))), "cpu")).run({
      x,
    });
    y.values.forEach((value, i) => {
      expect(value).toBeCloseTo(Math.tanh(x.values[i] / 2) + x.values[i], 5);
    });
  });

  test("that call themselves are refused", async () => {
    const endless = Object.assign(create(FunctionProtoSchema, twice), {
      node: [node("Twice", ["h"], ["y"], [], "own"), node("Twice", ["h"], ["z"], [], "own")],
    });
    const bytes = toBinary(ModelProtoSchema, await modelProto([node("Twice", ["x"], ["y"], [], "own")], [endless]));
    expect(() => readModel(bytes)).toThrow(/function Twice calls others without end/);
  });
});
