/** Protobuf bytes to the graphs of ir.ts, by the official schema (proto/onnx.proto). */
import { fromBinary } from "@bufbuild/protobuf";
import { inOrder } from "./in-order.ts";
import { inlineFunctions } from "./inline-functions.ts";
import {
  type AttributeValue,
  bytesPerValue,
  type DataType,
  type Dim,
  dataTypeOf,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type ValueInfo,
} from "./ir.ts";
import { isDtypeAttribute } from "./operators.ts";
import { headBytes, sayOther } from "./other-files.ts";
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataLocation as DataLocation,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from "./proto/onnx_pb.ts";

export interface ReadModelOptions {
  /** Reads a weight that lies in another file. Without it such a model is refused. */
  readonly external?: (location: string, offset: number, length: number | undefined) => OnnxTensor["data"];
}

/** Throws a SyntaxError when the bytes are not an ONNX model or use what the IR leaves out (sparse tensors). */
export function readModel(bytes: Uint8Array, { external }: ReadModelOptions = {}): OnnxModel {
  let proto: ModelProto;
  try {
    // Plain arrays, also of a Node Buffer, whose slices are views and not copies.
    proto = fromBinary(ModelProtoSchema, new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (error) {
    const { message } = error as Error;
    // What protobuf says of bytes that end within a field: of the first ones of a model, and of much that is none.
    const isCut = message === "premature EOF";
    const why = isCut ? "it ends in the middle of a field, so it may be truncated" : "its bytes are no protobuf";
    throw new SyntaxError(sayOther(bytes.subarray(0, headBytes), "an ONNX file") ?? `Not an ONNX file: ${why}`);
  }
  if (bytes.length === 0) throw new SyntaxError("it is empty");
  if (!proto.graph || proto.opsetImport.length === 0)
    throw new SyntaxError("Not an ONNX file: it has no graph or no opset");
  inlineFunctions(proto);
  return {
    graph: readGraph(proto.graph, external),
    opsets: new Map(
      proto.opsetImport.map(({ domain, version }) => [domain === "ai.onnx" ? "" : domain, Number(version)]),
    ),
    irVersion: Number(proto.irVersion),
    metadata: new Map(proto.metadataProps.map(({ key, value }) => [key, value])),
  };
}

function readGraph(proto: GraphProto, external: ReadModelOptions["external"], isInner = false): OnnxGraph {
  const read = (value: ValueInfoProto): ValueInfo => (isInner ? readInnerValue(value) : readValueInfo(value));
  if (proto.sparseInitializer.length > 0) throw new SyntaxError("Cannot read an ONNX model with sparse initializers");
  const initializers = new Map(proto.initializer.map((tensor) => [tensor.name, readTensor(tensor, external)]));
  return {
    name: proto.name,
    nodes: inOrder(proto.node.map((node, index) => readNode(node, index, external))),
    // Before IR 4 initializers are listed among the inputs too.
    inputs: proto.input.filter(({ name }) => !initializers.has(name)).map(read),
    outputs: proto.output.map(read),
    initializers,
  };
}

function readNode(proto: NodeProto, index: number, external: ReadModelOptions["external"]): OnnxNode {
  const kind = { op: proto.opType, domain: proto.domain === "ai.onnx" ? "" : proto.domain };
  const attributes = proto.attribute.map((a): [string, AttributeValue] => {
    const value = readAttribute(a, external);
    // A type without a name here stays a number: the runtime may know it.
    const type = typeof value === "number" && isDtypeAttribute(kind, a.name) ? dataTypeOf(value) : undefined;
    return [a.name, type ?? value];
  });
  const floats = proto.attribute.filter(({ type }) => type === AttributeType.FLOAT || type === AttributeType.FLOATS);
  return {
    ...kind,
    name: proto.name || `${proto.opType}.${index}`,
    inputs: proto.input,
    outputs: proto.output,
    attributes: Object.fromEntries(attributes),
    floats: new Set(floats.map(({ name }) => name)),
  };
}

/** Values of an inner graph may come without a type, which follows from its nodes. */
const readInnerValue = (value: ValueInfoProto): ValueInfo =>
  value.type?.value.case === undefined ||
  (value.type.value.case === "tensorType" && value.type.value.value.elemType === 0)
    ? { name: value.name, type: "float32", isUndeclared: true }
    : readValueInfo(value);

function readValueInfo({ name, type }: ValueInfoProto): ValueInfo {
  if (type?.value.case !== "tensorType")
    throw new SyntaxError(`Cannot read ONNX value "${name}": only tensors are supported`);
  const { elemType, shape } = type.value.value;
  const dims = shape?.dim.map(
    ({ value }, axis): Dim =>
      value.case === "dimValue"
        ? Number(value.value)
        : value.case === "dimParam" && value.value !== ""
          ? value.value
          : `${name}.${axis}`,
  );
  return { name, type: typeOf(elemType, name), ...(dims && { dims }) };
}

function typeOf(code: number, name: string): DataType {
  const type = dataTypeOf(code);
  if (!type) throw new SyntaxError(`Cannot read ONNX value "${name}": data type ${code} is not supported`);
  return type;
}

function readTensor(proto: TensorProto, external: ReadModelOptions["external"]): OnnxTensor {
  const type = typeOf(proto.dataType, proto.name);
  const dims = proto.dims.map(Number);
  const byteLength = dims.reduce((a, b) => a * b, 1) * bytesPerValue[type];
  if (proto.dataLocation === DataLocation.EXTERNAL) {
    const entry = (key: string) => proto.externalData.find((e) => e.key === key)?.value;
    const location = entry("location");
    if (!external || location === undefined)
      throw new SyntaxError(
        `Cannot read ONNX tensor "${proto.name}": its data lies in another file (${location ?? "unnamed"})`,
      );
    const length = entry("length");
    return {
      type,
      dims,
      data: external(location, Number(entry("offset") ?? 0), length === undefined ? byteLength : Number(length)),
    };
  }
  const data = proto.rawData.length > 0 ? proto.rawData : typedData(proto, type);
  if (type !== "string" && data.byteLength !== byteLength)
    throw new SyntaxError(
      `Cannot read ONNX tensor "${proto.name}": shape [${dims}] needs ${byteLength} bytes, it has ${data.byteLength}`,
    );
  return { type, dims, data };
}

/** Small tensors may come in a field of their own type instead of raw bytes. */
function typedData(proto: TensorProto, type: DataType): Uint8Array {
  switch (type) {
    case "float32":
      return bytesOfArray(Float32Array.from(proto.floatData));
    case "float64":
      return bytesOfArray(Float64Array.from(proto.doubleData));
    case "int64":
      return bytesOfArray(BigInt64Array.from(proto.int64Data));
    case "uint64":
      return bytesOfArray(BigUint64Array.from(proto.uint64Data));
    case "uint32":
      return bytesOfArray(Uint32Array.from(proto.uint64Data, Number));
    case "int32":
      return bytesOfArray(Int32Array.from(proto.int32Data));
    case "int16":
      return bytesOfArray(Int16Array.from(proto.int32Data));
    case "uint16":
    case "float16":
    case "bfloat16":
      return bytesOfArray(Uint16Array.from(proto.int32Data));
    case "int8":
      return bytesOfArray(Int8Array.from(proto.int32Data));
    case "uint8":
    case "bool":
      return Uint8Array.from(proto.int32Data);
    case "string":
      return new Uint8Array(0);
  }
}

const bytesOfArray = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

function readAttribute(proto: AttributeProto, external: ReadModelOptions["external"]): AttributeValue {
  const text = new TextDecoder();
  switch (proto.type) {
    case AttributeType.FLOAT:
      return proto.f;
    case AttributeType.INT:
      return Number(proto.i);
    case AttributeType.STRING:
      return text.decode(proto.s);
    case AttributeType.FLOATS:
      return proto.floats;
    case AttributeType.INTS:
      return proto.ints.map(Number);
    case AttributeType.STRINGS:
      return proto.strings.map((s) => text.decode(s));
    case AttributeType.TENSOR:
      return proto.t && readTensor(proto.t, external);
    case AttributeType.GRAPH:
      return proto.g && readGraph(proto.g, external, true);
    default:
      throw new SyntaxError(
        `Cannot read ONNX attribute "${proto.name}": attribute type ${proto.type} is not supported`,
      );
  }
}
