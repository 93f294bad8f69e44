/**
 * A model whose doubles and bfloat16 are float32: onnxruntime has few kernels for them (none of a convolution on a CPU). Inputs,
 * outputs, weights, constants and casts, those of inner graphs too; integers and float16 stay.
 */
import { toFloat32 } from "./checkpoint/to-float32.ts";
import {
  type AttributeValue,
  type Bytes,
  bytesPerValue,
  type DataType,
  isGraph,
  isTensor,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type ValueInfo,
} from "./ir.ts";
import { isDtypeAttribute } from "./operators.ts";

const replaced: ReadonlySet<DataType> = new Set(["float64", "bfloat16"]);
const typeOf = (type: DataType): DataType => (replaced.has(type) ? "float32" : type);

export interface InFloat32 {
  readonly model: OnnxModel;
  /** What float32 takes the place of, in the order of the file; empty where the model is the one that was given. */
  readonly instead: readonly DataType[];
}

export function inFloat32(model: OnnxModel): InFloat32 {
  const instead = new Set<DataType>();
  for (const type of typesIn(model.graph)) if (replaced.has(type)) instead.add(type);
  return instead.size === 0
    ? { model, instead: [] }
    : { model: { ...model, graph: graphOf(model.graph) }, instead: [...instead] };
}

function* typesIn({ inputs, outputs, initializers, nodes }: OnnxGraph): Generator<DataType> {
  for (const { type } of [...inputs, ...outputs, ...initializers.values()]) yield type;
  for (const node of nodes)
    for (const [name, value] of Object.entries(node.attributes))
      if (isGraph(value)) yield* typesIn(value);
      else if (isTensor(value)) yield value.type;
      else if (typeof value === "string" && isDtypeAttribute(node, name)) yield value as DataType;
}

const graphOf = (graph: OnnxGraph): OnnxGraph => ({
  ...graph,
  inputs: graph.inputs.map(infoOf),
  outputs: graph.outputs.map(infoOf),
  initializers: new Map([...graph.initializers].map(([name, tensor]) => [name, tensorOf(tensor)])),
  nodes: graph.nodes.map(nodeOf),
});

const infoOf = (info: ValueInfo): ValueInfo => ({ ...info, type: typeOf(info.type) });

function nodeOf(node: OnnxNode): OnnxNode {
  const attributeOf = (name: string, value: AttributeValue): AttributeValue => {
    if (isGraph(value)) return graphOf(value);
    if (isTensor(value)) return tensorOf(value);
    return typeof value === "string" && isDtypeAttribute(node, name) ? typeOf(value as DataType) : value;
  };
  const entries = Object.entries(node.attributes);
  return { ...node, attributes: Object.fromEntries(entries.map(([name, value]) => [name, attributeOf(name, value)])) };
}

function tensorOf(tensor: OnnxTensor): OnnxTensor {
  const { type, data } = tensor;
  return replaced.has(type) ? { ...tensor, type: "float32", data: bytesIn(data, type) } : tensor;
}

const bytesIn = (data: Bytes, type: DataType): Bytes =>
  data instanceof Uint8Array
    ? rounded(data, type)
    : {
        byteLength: (data.byteLength / bytesPerValue[type]) * bytesPerValue.float32,
        read: async () => rounded(await data.read(), type),
      };

const [largest, smallest] = [(2 - 2 ** -23) * 2 ** 127, 2 ** -126];

/**
 * What float32 has no room for stays finite and other than 0: the least double stands for "never" in masks, whose infinity would be
 * NaN where all is masked, and the smallest ones keep divisors from 0.
 */
function rounded(bytes: Uint8Array, type: DataType): Uint8Array {
  const floats = toFloat32(bytes, type);
  if (type === "float64") {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const [i, value] of floats.entries()) {
      if (Number.isFinite(value) && Math.abs(value) >= smallest) continue;
      const given = view.getFloat64(8 * i, true);
      if (Number.isFinite(given) && given !== 0)
        floats[i] = Math.sign(given) * (Math.abs(given) > 1 ? largest : smallest);
    }
  }
  return new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
}
