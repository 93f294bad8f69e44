/**
 * ONNX files: protobuf bytes ↔ the graphs of ir.ts, by the official schema (proto/onnx.proto). Weights beyond
 * `inlineLimitBytes` go to a file of their own beside the model (ONNX "external data") and pass through one at a time.
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeValue,
  bytesOf,
  bytesPerValue,
  type DataType,
  type Dim,
  dataTypes,
  floatAttributes,
  isGraph,
  isTensor,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type ValueInfo,
} from "./ir.ts";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataLocation as DataLocation,
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "./proto/onnx_pb.ts";

/** IR version written: 8, the first with opset 17, which every onnxruntime since 1.12 reads. */
const irVersion = 8n;
/** Protobuf messages end at 2 GiB; far below it, weights are better read by the runtime itself. */
export const defaultInlineLimitBytes = 100_000_000;

export interface ReadModelOptions {
  /** Reads a weight that lies in another file. Without it such a model is refused. */
  readonly external?: (location: string, offset: number, length: number | undefined) => OnnxTensor["data"];
}

/** Throws a SyntaxError when the bytes are not an ONNX model or use what the IR leaves out (sparse tensors, functions). */
export function readModel(bytes: Uint8Array, { external }: ReadModelOptions = {}): OnnxModel {
  let proto: ModelProto;
  try {
    // Plain arrays, also of a Node Buffer, whose slices are views and not copies.
    proto = fromBinary(ModelProtoSchema, new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (error) {
    throw new SyntaxError(`Not an ONNX file: ${error instanceof Error ? error.message : error}`);
  }
  if (!proto.graph || proto.opsetImport.length === 0)
    throw new SyntaxError("Not an ONNX file: it has no graph or no opset");
  if (proto.functions.length > 0)
    throw new SyntaxError(
      `Cannot read an ONNX model with functions (${proto.functions[0].name}): export it with functions inlined`,
    );
  return {
    graph: readGraph(proto.graph, external),
    opsets: new Map(
      proto.opsetImport.map(({ domain, version }) => [domain === "ai.onnx" ? "" : domain, Number(version)]),
    ),
    metadata: new Map(proto.metadataProps.map(({ key, value }) => [key, value])),
  };
}

function readGraph(proto: GraphProto, external: ReadModelOptions["external"]): OnnxGraph {
  if (proto.sparseInitializer.length > 0) throw new SyntaxError("Cannot read an ONNX model with sparse initializers");
  const initializers = new Map(proto.initializer.map((tensor) => [tensor.name, readTensor(tensor, external)]));
  return {
    name: proto.name,
    nodes: proto.node.map((node, index) => ({
      op: node.opType,
      domain: node.domain === "ai.onnx" ? "" : node.domain,
      name: node.name || `${node.opType}.${index}`,
      inputs: node.input,
      outputs: node.output,
      attributes: Object.fromEntries(node.attribute.map((a) => [a.name, readAttribute(a, external)])),
      floats: new Set(
        node.attribute
          .filter((a) => a.type === AttributeType.FLOAT || a.type === AttributeType.FLOATS)
          .map((a) => a.name),
      ),
    })),
    // Before IR 4 initializers are listed among the inputs too.
    inputs: proto.input.filter(({ name }) => !initializers.has(name)).map(readValueInfo),
    outputs: proto.output.map(readValueInfo),
    initializers,
  };
}

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
  return { name, type: dataTypeOf(elemType, name), ...(dims && { dims }) };
}

function dataTypeOf(code: number, name: string): DataType {
  const type = (Object.keys(dataTypes) as DataType[]).find((key) => dataTypes[key] === code);
  if (!type) throw new SyntaxError(`Cannot read ONNX value "${name}": data type ${code} is not supported`);
  return type;
}

function readTensor(proto: TensorProto, external: ReadModelOptions["external"]): OnnxTensor {
  const type = dataTypeOf(proto.dataType, proto.name);
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
      return proto.g && readGraph(proto.g, external);
    default:
      throw new SyntaxError(
        `Cannot read ONNX attribute "${proto.name}": attribute type ${proto.type} is not supported`,
      );
  }
}

/** Where a weight lies in the file beside the model. */
interface Placed {
  readonly offset: number;
  readonly length: number;
}

/** Takes the model's external weights in file order. */
export interface ExternalSink {
  /** Bare file name, stored in the model as `location`. */
  readonly location: string;
  write(bytes: Uint8Array): Promise<void>;
}

export interface WriteModelOptions {
  /** Models whose weights together exceed this put them into `external`. */
  readonly inlineLimitBytes?: number;
  readonly external?: ExternalSink;
}

/** The model's protobuf bytes. With an `external` sink, the large weights of a large model are streamed there first. */
export async function writeModel(
  model: OnnxModel,
  { inlineLimitBytes = defaultInlineLimitBytes, external }: WriteModelOptions = {},
): Promise<Uint8Array> {
  const { initializers } = model.graph;
  const total = [...initializers.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  const placed = external && total > inlineLimitBytes ? await writeExternal(model.graph, external) : undefined;
  const graph = await writeGraph(model.graph, placed, external?.location);
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion,
      producerName: "guidegraph",
      graph,
      opsetImport: [...model.opsets].map(([domain, version]) =>
        create(OperatorSetIdProtoSchema, { domain, version: BigInt(version) }),
      ),
      metadataProps: [...model.metadata].map(([key, value]) => create(StringStringEntryProtoSchema, { key, value })),
    }),
  );
}

/** Page-aligned, so that a runtime may map the file; weights below a page stay in the model. */
async function writeExternal({ initializers }: OnnxGraph, sink: ExternalSink): Promise<ReadonlyMap<string, Placed>> {
  const pageBytes = 4096;
  const placed = new Map<string, Placed>();
  let offset = 0;
  for (const [name, { data }] of initializers) {
    if (data.byteLength < pageBytes) continue;
    placed.set(name, { offset, length: data.byteLength });
    await sink.write(await bytesOf(data));
    const padding = (pageBytes - (data.byteLength % pageBytes)) % pageBytes;
    if (padding > 0) await sink.write(new Uint8Array(padding));
    offset += data.byteLength + padding;
  }
  return placed;
}

async function writeGraph(
  graph: OnnxGraph,
  placed?: ReadonlyMap<string, Placed>,
  location?: string,
): Promise<GraphProto> {
  const initializer: TensorProto[] = [];
  for (const [name, tensor] of graph.initializers) {
    const place = placed?.get(name);
    initializer.push(place ? externalTensor(name, tensor, place, location ?? "") : await writeTensor(name, tensor));
  }
  return create(GraphProtoSchema, {
    name: graph.name,
    node: await Promise.all(graph.nodes.map(writeNode)),
    input: graph.inputs.map(writeValueInfo),
    output: graph.outputs.map(writeValueInfo),
    initializer,
  });
}

async function writeNode({ op, domain, name, inputs, outputs, attributes, floats }: OnnxNode) {
  const attribute = await Promise.all(
    Object.entries(attributes)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) =>
        writeAttribute(key, value, floats.has(key) || (domain === "" && floatAttributes.has(key))),
      ),
  );
  return create(NodeProtoSchema, { opType: op, domain, name, input: [...inputs], output: [...outputs], attribute });
}

async function writeAttribute(name: string, value: AttributeValue, isFloat: boolean): Promise<AttributeProto> {
  const attribute = (fields: Omit<Partial<AttributeProto>, "$typeName" | "$unknown">) =>
    create(AttributeProtoSchema, { name, ...fields } as object);
  const text = new TextEncoder();
  if (typeof value === "number")
    return isFloat || !Number.isInteger(value)
      ? attribute({ type: AttributeType.FLOAT, f: value })
      : attribute({ type: AttributeType.INT, i: int64(value) });
  if (typeof value === "string") return attribute({ type: AttributeType.STRING, s: text.encode(value) });
  if (isTensor(value)) return attribute({ type: AttributeType.TENSOR, t: await writeTensor("", value) });
  if (isGraph(value)) return attribute({ type: AttributeType.GRAPH, g: await writeGraph(value) });
  const list = value ?? [];
  if (list.some((item) => typeof item === "string"))
    return attribute({ type: AttributeType.STRINGS, strings: list.map((item) => text.encode(String(item))) });
  const numbers = list as readonly number[];
  return isFloat
    ? attribute({ type: AttributeType.FLOATS, floats: [...numbers] })
    : attribute({ type: AttributeType.INTS, ints: numbers.map(int64) });
}

/** Exporters write "to the end" as 2⁶³ − 1, which a double rounds up to 2⁶³. */
const int64 = (value: number): bigint => BigInt.asIntN(64, value >= 2 ** 63 ? 2n ** 63n - 1n : BigInt(value));

const writeTensor = async (name: string, { type, dims, data }: OnnxTensor): Promise<TensorProto> =>
  create(TensorProtoSchema, {
    name,
    dataType: dataTypes[type],
    dims: dims.map(BigInt),
    rawData: (await bytesOf(data)) as Uint8Array<ArrayBuffer>,
  });

const externalTensor = (name: string, { type, dims }: OnnxTensor, place: Placed, location: string): TensorProto =>
  create(TensorProtoSchema, {
    name,
    dataType: dataTypes[type],
    dims: dims.map(BigInt),
    dataLocation: DataLocation.EXTERNAL,
    externalData: Object.entries({ location, offset: String(place.offset), length: String(place.length) }).map(
      ([key, value]) => create(StringStringEntryProtoSchema, { key, value }),
    ),
  });

const writeValueInfo = ({ name, type, dims }: ValueInfo): ValueInfoProto =>
  create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, {
      value: {
        case: "tensorType",
        value: create(TypeProto_TensorSchema, {
          elemType: dataTypes[type],
          ...(dims && {
            shape: create(TensorShapeProtoSchema, {
              dim: dims.map((dim) =>
                create(TensorShapeProto_DimensionSchema, {
                  value:
                    typeof dim === "number"
                      ? { case: "dimValue", value: BigInt(dim) }
                      : { case: "dimParam", value: dim },
                }),
              ),
            }),
          }),
        }),
      },
    }),
  });
