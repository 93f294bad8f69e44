/**
 * Sequences of tensors resolved to the tensors themselves: exporters write a split, chunk or unbind whose number of
 * parts they do not know as SplitToSequence and SequenceAt, a stack of a list as ConcatFromSequence. Where the lengths
 * are known, plain Split and Concat do the same. Sequences that stay unknown are left alone.
 */
import type { OnnxModel, OnnxNode } from "../ir.ts";
import { entryFor, type Operator } from "../operators.ts";
import { identity, type Value } from "../rewrite/builder.ts";
import { Draft } from "../rewrite/draft.ts";
import { normalAxis } from "../shapes/rules/shape.ts";

export function withoutSequences(model: OnnxModel): OnnxModel {
  const { graph } = model;
  const opset = model.opsets.get("") ?? 18;
  // Split and Squeeze are written as of opset 18.
  if (opset < 18 || !graph.nodes.some(({ op }) => op.includes("Sequence"))) return model;
  const context: Context = { draft: new Draft(graph, "sequence"), sequences: new Map() };
  for (const node of graph.nodes) {
    const resolver = entryFor(resolvers, node);
    if (!resolver?.(node, context)) context.draft.push(node);
  }
  return { ...model, graph: context.draft.graph() };
}

interface Context {
  readonly draft: Draft;
  /** The tensors of each sequence whose length is known. */
  readonly sequences: Map<string, readonly Value[]>;
}

/** Gives the node's output by other means; false where that is not possible. */
type Resolver = (node: OnnxNode, context: Context) => boolean;

/** Place in a sequence, counted from its end where negative. */
function placeOf(context: Context, sequence: readonly Value[], value: Value | undefined, otherwise: number) {
  const place = value ? context.draft.numbers(value)?.[0] : otherwise;
  return place === undefined ? undefined : normalAxis(place, sequence.length);
}

/** The last value built becomes the node's output. */
function finish({ draft }: Context, node: OnnxNode, value: Value): boolean {
  draft.push(identity(node.name, value, node.outputs[0]));
  return true;
}

const resolvers = {
  SequenceEmpty: ({ outputs: [y] }, { sequences }) => !!sequences.set(y, []),
  SequenceConstruct: ({ inputs, outputs: [y] }, { sequences }) => !!sequences.set(y, inputs),

  Identity: ({ inputs: [x], outputs: [y] }, { sequences }) => {
    const sequence = sequences.get(x);
    return !!sequence && !!sequences.set(y, sequence);
  },

  SplitToSequence: (node, context) => {
    const { draft, sequences } = context;
    const { op, shape } = draft;
    const [x, split] = node.inputs;
    const { axis = 0, keepdims = 1 } = node.attributes;
    const dims = shape(x);
    const length = dims?.[normalAxis(Number(axis), dims.length)];
    const sizes = split ? partSizes(context, split, length) : typeof length === "number" && Array(length).fill(1);
    if (!sizes || sizes.length === 0) return false;
    const parts = op.add("Split", [x, op.int64(sizes)], { axis: Number(axis) }, sizes.length);
    // PyTorch writes an unbind as a split by 1; the specification has keepdims count only where no split is given.
    const single = !split || (sizes.every((size) => size === 1) && shape(split)?.length === 0);
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
    return !!sequence && finish(context, node, context.draft.op.int64(sequence.length));
  },

  ConcatFromSequence: (node, context) => {
    const { op } = context.draft;
    const sequence = context.sequences.get(node.inputs[0]);
    if (!sequence || sequence.length === 0) return false;
    const { axis, new_axis: isNew = 0 } = node.attributes;
    const parts = isNew === 1 ? sequence.map((part) => op.Unsqueeze(part, op.int64([Number(axis)]))) : sequence;
    return finish(context, node, op.Concat(...parts, { axis: Number(axis) }));
  },
} satisfies { readonly [op in Operator]?: Resolver };

/** A list says the size of each part, a scalar that of all but the last. */
function partSizes({ draft }: Context, split: Value, length: unknown): readonly number[] | undefined {
  const values = draft.numbers(split);
  if (!values || draft.shape(split)?.length === 1) return values;
  if (typeof length !== "number") return undefined;
  const [size] = values;
  return Array.from({ length: Math.ceil(length / size) }, (_, i) => Math.min(size, length - i * size));
}
