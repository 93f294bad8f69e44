/**
 * The graphs of ir.ts to protobuf bytes. Weights of a large model go to a file of their own beside it (ONNX "external
 * data") and pass through one at a time, so that no more than one is held.
 */
import { create, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeValue,
  bytesOf,
  type DataType,
  dataTypes,
  int64,
  isGraph,
  isTensor,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type ValueInfo,
} from "./ir.ts";
import { isDtypeAttribute, isFloatAttribute } from "./operators.ts";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataLocation as DataLocation,
  type GraphProto,
  GraphProtoSchema,
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

async function writeNode(node: OnnxNode) {
  const { op, domain, name, inputs, outputs, attributes } = node;
  const attribute = await Promise.all(
    Object.entries(attributes)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => {
        const code = isDtypeAttribute(node, key) ? dataTypes[value as DataType] : undefined;
        return writeAttribute(key, code ?? value, isFloatAttribute(node, key));
      }),
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

const writeValueInfo = ({ name, type, dims, isUndeclared }: ValueInfo): ValueInfoProto =>
  create(
    ValueInfoProtoSchema,
    isUndeclared
      ? { name }
      : {
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
        },
  );
