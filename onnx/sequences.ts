/**
 * Sequences of tensors resolved to the tensors themselves: exporters write a split, chunk or unbind whose number of
 * parts they do not know as SplitToSequence and SequenceAt, a stack of a list as ConcatFromSequence. Where the lengths
 * are known, plain Split and Concat do the same. Sequences that stay unknown are left alone.
 */

import type { OnnxModel, OnnxNode } from "./ir.ts";
import { graphBuilder, type Value } from "./rewrite/builder.ts";
import { freshPrefix } from "./rewrite/names.ts";
import { Inference } from "./shapes/index.ts";
import { normalAxis } from "./shapes/rules/shape.ts";

export function withoutSequences(model: OnnxModel): OnnxModel {
  const { graph } = model;
  const opset = model.opsets.get("") ?? 18;
  // Split and Squeeze are written as of opset 18.
  if (opset < 18 || !graph.nodes.some(({ op }) => op.includes("Sequence"))) return model;
  const inference = new Inference({ ...graph, nodes: [] });
  const op = graphBuilder(freshPrefix(graph, "sequence"));
  const context: Context = { op, inference, sequences: new Map() };
  let [nodes, constants] = [0, 0];
  for (const node of graph.nodes) {
    const resolved = node.domain === "" && resolvers[node.op]?.(node, context);
    if (!resolved) op.nodes.push(node);
    for (const [name, tensor] of [...op.initializers].slice(constants)) inference.addConstant(name, tensor);
    constants = op.initializers.size;
    for (; nodes < op.nodes.length; nodes++) inference.addNode(op.nodes[nodes]);
  }
  const initializers = new Map([...graph.initializers, ...op.initializers]);
  return { ...model, graph: { ...graph, nodes: op.nodes, initializers } };
}

interface Context {
  readonly op: ReturnType<typeof graphBuilder>;
  readonly inference: Inference;
  /** The tensors of each sequence whose length is known. */
  readonly sequences: Map<string, readonly Value[]>;
}

/** Gives the node's output by other means; false where that is not possible. */
type Resolver = (node: OnnxNode, context: Context) => boolean;

/** The whole numbers of a constant or of folded shape arithmetic. */
function integers({ inference }: Context, value: Value | undefined): readonly number[] | undefined {
  const values = value ? inference.facts(value)?.values : undefined;
  return values?.every((v) => typeof v === "number") ? (values as readonly number[]) : undefined;
}

/** Place in a sequence, counted from its end where negative. */
function placeOf(context: Context, sequence: readonly Value[], value: Value | undefined, otherwise: number) {
  const place = value ? integers(context, value)?.[0] : otherwise;
  return place === undefined ? undefined : normalAxis(place, sequence.length);
}

/** The last value built becomes the node's output. */
function finish({ op }: Context, node: OnnxNode, value: Value): boolean {
  op.nodes.push({ ...identity, name: node.name, inputs: [value], outputs: [node.outputs[0]] });
  return true;
}

const identity = { op: "Identity", domain: "", attributes: {}, floats: new Set<string>() } as const;

const resolvers: Readonly<Record<string, Resolver>> = {
  SequenceEmpty: ({ outputs: [y] }, { sequences }) => !!sequences.set(y, []),
  SequenceConstruct: ({ inputs, outputs: [y] }, { sequences }) => !!sequences.set(y, inputs),

  Identity: ({ inputs: [x], outputs: [y] }, { sequences }) => {
    const sequence = sequences.get(x);
    return !!sequence && !!sequences.set(y, sequence);
  },

  SplitToSequence: (node, context) => {
    const { op, inference, sequences } = context;
    const [x, split] = node.inputs;
    const { axis = 0, keepdims = 1 } = node.attributes;
    const dims = inference.facts(x)?.dims;
    const length = dims?.[normalAxis(Number(axis), dims.length)];
    const sizes = split ? partSizes(context, split, length) : typeof length === "number" && Array(length).fill(1);
    if (!sizes || sizes.length === 0) return false;
    const parts = op.add("Split", [x, op.int64(sizes)], { axis: Number(axis) }, sizes.length);
    // PyTorch writes an unbind as a split by 1; the specification has keepdims count only where no split is given.
    const single = !split || (sizes.every((size) => size === 1) && inference.facts(split)?.dims?.length === 0);
    const dropped = keepdims === 0 && single;
    return !!sequences.set(
      node.outputs[0],
      dropped ? parts.map((part) => op.Squeeze(part, op.int64([Number(axis)]))) : parts,
    );
  },

  SequenceInsert: (node, context) => {
    const sequence = context.sequences.get(node.inputs[0]);
    const place = sequence && placeOf(context, sequence, node.inputs[2], sequence.length);
    if (!sequence || place === undefined) return false;
    return !!context.sequences.set(node.outputs[0], sequence.toSpliced(place, 0, node.inputs[1]));
  },

  SequenceErase: (node, context) => {
    const sequence = context.sequences.get(node.inputs[0]);
    const place = sequence && placeOf(context, sequence, node.inputs[1], -1);
    if (!sequence || place === undefined) return false;
    return !!context.sequences.set(node.outputs[0], sequence.toSpliced(place, 1));
  },

  SequenceAt: (node, context) => {
    const sequence = context.sequences.get(node.inputs[0]);
    const place = sequence && placeOf(context, sequence, node.inputs[1], 0);
    const value = sequence && place !== undefined ? sequence[place] : undefined;
    return value !== undefined && finish(context, node, value);
  },

  SequenceLength: (node, context) => {
    const sequence = context.sequences.get(node.inputs[0]);
    return !!sequence && finish(context, node, context.op.int64(sequence.length));
  },

  ConcatFromSequence: (node, context) => {
    const { op, sequences } = context;
    const sequence = sequences.get(node.inputs[0]);
    if (!sequence || sequence.length === 0) return false;
    const { axis, new_axis: isNew = 0 } = node.attributes;
    const parts = isNew === 1 ? sequence.map((part) => op.Unsqueeze(part, op.int64([Number(axis)]))) : sequence;
    return finish(context, node, op.Concat(...parts, { axis: Number(axis) }));
  },
};

/** A list says the size of each part, a scalar that of all but the last. */
function partSizes(context: Context, split: Value, length: unknown): readonly number[] | undefined {
  const values = integers(context, split);
  if (!values || context.inference.facts(split)?.dims?.length === 1) return values;
  if (typeof length !== "number") return undefined;
  const [size] = values;
  return Array.from({ length: Math.ceil(length / size) }, (_, i) => Math.min(size, length - i * size));
}
