import { create, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { dataTypes, readModel } from "../../onnx/index.ts";
import { GraphProtoSchema, type ModelProto, ModelProtoSchema } from "../../onnx/proto/onnx_pb.ts";

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
