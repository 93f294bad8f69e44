import { create, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { dataTypes, readModel } from "../../onnx/index.ts";
import {
  AttributeProto_AttributeType,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
} from "../../onnx/proto/onnx_pb.ts";

const opsetImport = [{ domain: "", version: 17n }];
const bytesOf = (model: object): Uint8Array =>
  toBinary(ModelProtoSchema, create(ModelProtoSchema, model) as ModelProto);
const graphOf = (graph: object): Uint8Array => bytesOf({ opsetImport, graph: create(GraphProtoSchema, graph) });

test.each([
  ["nothing", new Uint8Array(0), "it is empty"],
  ["what is no protobuf", Uint8Array.from([0xff, 0xff, 0xff, 0xff]), "Not an ONNX file"],
  ["the first half of a model", graphOf({ name: "a name" }).subarray(0, 9), "may be truncated"],
  [
    "functions of one name",
    bytesOf({ opsetImport, graph: {}, functions: [{ name: "gelu" }, { name: "gelu" }] }),
    "several functions of one name",
  ],
  ["sparse weights", graphOf({ sparseInitializer: [{}] }), "sparse initializers"],
  [
    "a weight of another length than its shape",
    graphOf({ initializer: [{ name: "w", dims: [3n], dataType: dataTypes.float32, rawData: new Uint8Array(8) }] }),
    'tensor "w": shape [3] needs 12 bytes, it has 8',
  ],
  ["an unknown data type", graphOf({ initializer: [{ name: "w", dims: [1n], dataType: 99 }] }), '"w": data type 99'],
])("readModel refuses %s in one line", (_, bytes, message) => {
  expect(() => readModel(bytes)).toThrow(message);
  expect(() => readModel(bytes)).toThrow(SyntaxError);
});

const node = (opType: string, input: readonly string[], output: string) => ({
  opType,
  name: output,
  input,
  output: [output],
});
const branch = (opType: string, input: readonly string[]) => ({
  ...{ opType: "If", name: "if", input: ["c"], output: ["if"] },
  attribute: [
    {
      name: "then_branch",
      type: AttributeProto_AttributeType.GRAPH,
      g: { node: [node(opType, input, "z")], output: [] },
    },
  ],
});

test.each([
  ["a node that needs itself", [node("Relu", ["y"], "y")], /"y": what it needs goes round in a circle/],
  ["two that need each other", [node("Add", ["x", "b"], "a"), node("Relu", ["a"], "b")], /goes round in a circle/],
  ["a branch that needs what its If makes", [branch("Relu", ["if"])], /"if": what it needs goes round/],
  ["two that make one value", [node("Relu", ["x"], "y"), node("Exp", ["x"], "y")], /"y": another makes "y" too/],
])("readModel refuses %s", (_, nodes, words) => {
  expect(() => readModel(graphOf({ node: nodes }))).toThrow(words);
});

test("nodes in whatever order are read in one in which they can be computed, those in order as they are", () => {
  const sorted = [
    node("Relu", ["x"], "a"),
    node("Exp", ["a"], "b"),
    node("Add", ["a", "b"], "c"),
    branch("Relu", ["c"]),
  ];
  const names = (nodes: readonly object[]) => readModel(graphOf({ node: nodes })).graph.nodes.map(({ name }) => name);
  expect(names(sorted)).toEqual(["a", "b", "c", "if"]);
  fc.assert(
    fc.property(fc.shuffledSubarray(sorted, { minLength: 4 }), (shuffled) => {
      expect(names(shuffled)).toEqual(["a", "b", "c", "if"]);
    }),
  );
});

test("readModel reads values from the field of their own type", () => {
  const { graph } = readModel(
    graphOf({ initializer: [{ name: "w", dims: [2n], dataType: dataTypes.int64, int64Data: [5n, -1n] }] }),
  );
  expect(new BigInt64Array((graph.initializers.get("w")!.data as Uint8Array).buffer)).toEqual(
    BigInt64Array.of(5n, -1n),
  );
});

test("readModel does not take initializers for inputs, as files before IR 4 list them", () => {
  const type = { value: { case: "tensorType", value: { elemType: 1 } } };
  const initializer = [{ name: "w", dims: [1n], dataType: dataTypes.float32, rawData: new Uint8Array(4) }];
  const { graph } = readModel(graphOf({ initializer, input: ["x", "w"].map((name) => ({ name, type })) }));
  expect(graph.inputs.map(({ name }) => name)).toEqual(["x"]);
});
