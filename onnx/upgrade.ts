/**
 * Brings graphs of opset 9 to 17 to the operator forms of opset 18, so that everything else knows one form: axes and
 * pads became inputs, Split says its num_outputs, Softmax works on one axis, Upsample became Resize.
 */

import { type Attributes, isGraph, type OnnxGraph, type OnnxModel, type OnnxNode } from "./ir.ts";
import { graphBuilder, type Value } from "./rewrite/builder.ts";
import { freshPrefix } from "./rewrite/names.ts";
import { Inference } from "./shapes/index.ts";

const oldestOpset = 9;
const opset = 18;

/** Throws a RangeError for opsets before 9. Models of opset 18 and later are returned as they are. */
export function upgrade(model: OnnxModel): OnnxModel {
  const from = model.opsets.get("") ?? opset;
  if (from >= opset) return model;
  if (from < oldestOpset)
    throw new RangeError(`Cannot read a graph of opset ${from}: export it with opset ${oldestOpset} or later`);
  return {
    ...model,
    graph: upgradeGraph(model.graph, from),
    opsets: new Map([...model.opsets, ["", opset]]),
  };
}

function upgradeGraph(graph: OnnxGraph, from: number): OnnxGraph {
  const op = graphBuilder(freshPrefix(graph, "upgrade"));
  const inference = new Inference({ ...graph, nodes: [] });
  const context: Context = {
    op,
    from,
    rank: (value) => inference.facts(value)?.dims?.length,
    isEmpty: (value) => inference.facts(value)?.dims?.[0] === 0,
    shrinks: (scales) => inference.facts(scales)?.values?.every((scale) => Number(scale) <= 1) ?? false,
  };
  let constants = 0;
  let seen = 0;
  for (const node of graph.nodes) {
    upgradeNode(withUpgradedSubgraphs(node, from), context);
    for (const [name, tensor] of [...op.initializers].slice(constants)) inference.addConstant(name, tensor);
    constants = op.initializers.size;
    for (; seen < op.nodes.length; seen++) inference.addNode(op.nodes[seen]);
  }
  return { ...graph, nodes: op.nodes, initializers: new Map([...graph.initializers, ...op.initializers]) };
}

function withUpgradedSubgraphs(node: OnnxNode, from: number): OnnxNode {
  const entries = Object.entries(node.attributes);
  if (!entries.some(([, value]) => isGraph(value))) return node;
  const attributes = entries.map(([key, value]) => [key, isGraph(value) ? upgradeGraph(value, from) : value]);
  return { ...node, attributes: Object.fromEntries(attributes) };
}

interface Context {
  readonly op: ReturnType<typeof graphBuilder>;
  /** The graph's opset. */
  readonly from: number;
  rank(value: Value): number | undefined;
  /** A tensor without elements, which older opsets take for an absent input. */
  isEmpty(value: Value): boolean;
  /** Whether the scales of a Resize are known and none enlarges. */
  shrinks(scales: Value): boolean;
}

/** What changes of a node: its operator, inputs and attributes. */
type Change = (
  node: OnnxNode,
  context: Context,
) => {
  op?: string;
  inputs?: Value[];
  outputs?: readonly Value[];
  attributes: Attributes;
};

function upgradeNode(node: OnnxNode, context: Context): void {
  const { op, from, rank } = context;
  const [until, change] = (node.domain === "" && changes[node.op]) || [0, undefined];
  if (!change || from >= until) {
    op.nodes.push(node);
    return;
  }
  if (change === "softmax") {
    const { axis = 1 } = node.attributes;
    const last = rank(node.inputs[0]);
    if (axis === -1 || (last !== undefined && axis === last - 1))
      op.nodes.push({ ...node, attributes: { ...node.attributes, axis: -1 } });
    else softmaxOfRows(node, Number(axis), context);
    return;
  }
  op.nodes.push({ ...node, ...change(node, context) });
}

/** Softmax of opset 12 and before: all axes from `axis` on are one. */
function softmaxOfRows(node: OnnxNode, axis: number, { op }: Context): void {
  const [x] = node.inputs;
  const rows = op.node(node.op, [op.Flatten(x, { axis })], { axis: -1 }, 1)[0];
  op.Reshape(rows, op.Shape(x));
  op.nodes.push({ ...op.nodes.pop()!, name: node.name, outputs: node.outputs });
}

const without = (attributes: Attributes, ...keys: string[]): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([key]) => !keys.includes(key)));

/** An attribute that became an input at the given place. */
const intsToInput =
  (key: string, place: number): Change =>
  ({ inputs, attributes }, { op }) => {
    const list = attributes[key];
    if (list === undefined) return { attributes };
    const value = op.int64(list as number[] | number);
    return { inputs: [...inputs.slice(0, place), value], attributes: without(attributes, key) };
  };

const floatInput = ({ op }: Context, value: unknown): Value => (value === undefined ? "" : op.float(Number(value)));

const trimmed = (inputs: Value[]): Value[] => inputs.slice(0, inputs.findLastIndex((input) => input !== "") + 1);

/** By operator: the opset that brought its present form, and what leads there. */
const changes: Readonly<Record<string, readonly [until: number, change: Change | "softmax"]>> = {
  Squeeze: [13, intsToInput("axes", 1)],
  Unsqueeze: [13, intsToInput("axes", 1)],
  ReduceSum: [13, intsToInput("axes", 1)],
  ...Object.fromEntries(
    ["Mean", "Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare"].map((name) => [
      `Reduce${name}`,
      [18, intsToInput("axes", 1)] as const,
    ]),
  ),
  Softmax: [13, "softmax"],
  LogSoftmax: [13, "softmax"],
  Hardmax: [13, "softmax"],
  Split: [
    18,
    (node, context) => {
      const { attributes, ...rest } = intsToInput("split", 1)(node, context);
      const equal = (rest.inputs ?? node.inputs).length < 2;
      return { ...rest, attributes: equal ? { ...attributes, num_outputs: node.outputs.length } : attributes };
    },
  ],
  Slice: [
    10,
    ({ inputs: [x], attributes: { starts, ends, axes } }, { op }) => ({
      inputs: [
        x,
        op.int64(starts as number[]),
        op.int64(ends as number[]),
        ...(axes ? [op.int64(axes as number[])] : []),
      ],
      attributes: {},
    }),
  ],
  Pad: [
    11,
    ({ inputs: [x], attributes: { pads, value, ...rest } }, context) => ({
      inputs: trimmed([x, context.op.int64(pads as number[]), floatInput(context, value)]),
      attributes: rest,
    }),
  ],
  Clip: [
    11,
    ({ inputs: [x], attributes: { min, max } }, context) => ({
      inputs: trimmed([x, floatInput(context, min), floatInput(context, max)]),
      attributes: {},
    }),
  ],
  Dropout: [12, ({ attributes }) => ({ attributes: without(attributes, "ratio") })],
  TopK: [
    10,
    ({ inputs: [x], attributes: { k, ...rest } }, { op }) => ({
      inputs: [x, op.int64([Number(k)])],
      attributes: rest,
    }),
  ],
  // Exporters name four more outputs, which are nothing outside of training.
  BatchNormalization: [
    14,
    ({ outputs, attributes }) => ({ outputs: outputs.slice(0, 1), attributes: without(attributes, "spatial") }),
  ],
  Scatter: [11, ({ attributes }) => ({ op: "ScatterElements", attributes })],
  RoiAlign: [
    16,
    ({ attributes }) => ({ attributes: { ...attributes, coordinate_transformation_mode: "output_half_pixel" } }),
  ],
  Upsample: [
    10,
    ({ inputs: [x, scales], attributes: { mode = "nearest", scales: list } }, { op }) => ({
      op: "Resize",
      inputs: [x, "", scales ?? op.float(list as number[])],
      attributes: resizeOfOpset10(mode),
    }),
  ],
  Resize: [
    18,
    ({ inputs, attributes }, { from, isEmpty, shrinks }) =>
      from === 10
        ? { inputs: [inputs[0], "", inputs[1]], attributes: resizeOfOpset10(attributes.mode, shrinks(inputs[1])) }
        : { inputs: trimmed(inputs.map((input, i) => (i > 0 && isEmpty(input) ? "" : input))), attributes },
  ],
};

/** Nearest took the pixel before a place when enlarging and, in onnxruntime, the one behind it when shrinking. */
const resizeOfOpset10 = (mode: unknown = "nearest", shrinks = false): Attributes => ({
  mode: mode === "bilinear" ? "linear" : String(mode),
  coordinate_transformation_mode: "asymmetric",
  nearest_mode: shrinks ? "ceil" : "floor",
});
