/**
 * Types, shapes and the elements of shape arithmetic, found by walking a graph in order once (abstract
 * interpretation). What cannot be found stays unknown; nothing here fails a model that a runtime would accept.
 */
import {
  type Attributes,
  type Dim,
  isGraph,
  isTensor,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  type ValueInfo,
} from "../ir.ts";
import { entryFor } from "../operators.ts";
import { type Facts, type InferContext, type InferRule, type InferRules, maxValues, numbersOf } from "./facts.ts";
import { control } from "./rules/control.ts";
import { convolutions } from "./rules/convolution.ts";
import { elementwise } from "./rules/elementwise.ts";
import { losses } from "./rules/loss.ts";
import { products } from "./rules/product.ts";
import { reductions } from "./rules/reduce.ts";
import { sampling } from "./rules/sampling.ts";
import { shapes } from "./rules/shape.ts";
import { isStatic, symbol } from "./size.ts";
import { type Evaluator, evaluators } from "./values.ts";

/** Shape rules by operator. An operator without one gives values of unknown shape. */
const inferRules = {
  ...elementwise,
  ...shapes,
  ...reductions,
  ...products,
  ...convolutions,
  ...sampling,
  ...losses,
  ...control,
} satisfies InferRules;

/**
 * What was found of a node, of an initializer and of an input: each pass over a graph infers it anew, and most of it is what it
 * was before the pass. So where the same node is given the very facts that it was given then, what it makes is as well.
 */
const ofNodes = new WeakMap<
  OnnxNode,
  { readonly x: readonly (Facts | undefined)[]; readonly made: readonly Facts[] }
>();
const ofTensors = new WeakMap<OnnxTensor, Facts>();
const ofInputs = new WeakMap<ValueInfo, Facts>();

function once<K extends object>(known: WeakMap<K, Facts>, key: K, find: () => Facts): Facts {
  const facts = known.get(key) ?? find();
  known.set(key, facts);
  return facts;
}

/** Facts of a graph's values; grows with the graph when nodes are added to it. */
export class Inference {
  readonly #facts = new Map<string, Facts>();
  readonly #certain = new Set<string>();
  readonly #constants = new Map<string, OnnxTensor>();

  constructor(graph: OnnxGraph) {
    for (const [name, tensor] of graph.initializers) this.addConstant(name, tensor);
    for (const input of graph.inputs) this.addInput(input);
    for (const node of graph.nodes) this.addNode(node);
  }

  facts(value: string): Facts | undefined {
    return this.#facts.get(value);
  }

  /** Whether the type of a value is certain: an operator without a rule is only presumed to keep its first input's. */
  isCertain(value: string): boolean {
    return this.#certain.has(value);
  }

  /** The tensor, when the value is an initializer or the output of a Constant. */
  constant(value: string): OnnxTensor | undefined {
    return this.#constants.get(value);
  }

  addInput(input: ValueInfo): void {
    const { name, type, dims } = input;
    const find = (): Facts => {
      const sizes = dims?.map((dim) => (typeof dim === "string" ? symbol(dim) : dim));
      return { type, ...(sizes && { dims: sizes }) };
    };
    this.#facts.set(name, once(ofInputs, input, find));
    this.#certain.add(name);
  }

  addConstant(name: string, tensor: OnnxTensor): void {
    const find = (): Facts => {
      const values = numbersOf(tensor);
      return { type: tensor.type, dims: tensor.dims, ...(values && { values }) };
    };
    this.#constants.set(name, tensor);
    this.#facts.set(name, once(ofTensors, tensor, find));
    this.#certain.add(name);
  }

  /** Attributes with inner graphs whose outputs have the types that follow from their nodes; whether one stays unknown. */
  #withTypes({ attributes }: OnnxNode): { readonly attributes: Attributes; readonly undeclared: boolean } {
    const graphs = Object.entries(attributes).filter((entry): entry is [string, OnnxGraph] => isGraph(entry[1]));
    if (!graphs.some(([, { outputs }]) => outputs.some(({ isUndeclared }) => isUndeclared)))
      return { attributes, undeclared: false };
    let undeclared = false;
    const typed = graphs.map(([name, graph]): [string, OnnxGraph] => {
      const inner = this.inside(graph);
      const outputs = graph.outputs.map((output) => {
        if (!output.isUndeclared) return output;
        undeclared ||= !inner.isCertain(output.name);
        return { ...output, type: inner.facts(output.name)?.type ?? output.type };
      });
      return [name, { ...graph, outputs }];
    });
    return { attributes: { ...attributes, ...Object.fromEntries(typed) }, undeclared };
  }

  /** What is known inside of an inner graph, which sees the values outside. */
  inside(graph: OnnxGraph): Inference {
    const inner = new Inference({ ...graph, nodes: [], inputs: [], initializers: new Map() });
    for (const [name, facts] of this.#facts) inner.#facts.set(name, facts);
    for (const name of this.#certain) inner.#certain.add(name);
    for (const [name, tensor] of this.#constants) inner.#constants.set(name, tensor);
    for (const [name, tensor] of graph.initializers) inner.addConstant(name, tensor);
    for (const input of graph.inputs) {
      inner.addInput(input);
      if (input.isUndeclared) inner.#certain.delete(input.name);
    }
    for (const node of graph.nodes) inner.addNode(node);
    return inner;
  }

  addNode(node: OnnxNode): void {
    if (node.op === "Constant" && node.domain === "") {
      this.addConstant(node.outputs[0], constantOf(node));
      return;
    }
    const x = node.inputs.map((input) => this.#facts.get(input));
    const { attributes, undeclared } = this.#withTypes(node);
    const rule = entryFor(inferRules, node) as InferRule | undefined;
    const isCertain =
      rule !== undefined && !undeclared && node.inputs.every((name) => name === "" || this.#certain.has(name));
    const before = ofNodes.get(node);
    // What an inner graph makes depends on more than the inputs.
    const isKnown = attributes === node.attributes && before?.x.every((facts, i) => facts === x[i]);
    const made = isKnown ? before!.made : madeBy({ node, attrs: attributes, x }, rule);
    if (!isKnown) ofNodes.set(node, { x, made });
    node.outputs.forEach((name, index) => {
      if (name === "") return;
      if (isCertain || (node.op === "Cast" && node.domain === "")) this.#certain.add(name);
      this.#facts.set(name, made[index]);
    });
  }
}

/** Facts of a node's outputs. */
function madeBy(context: InferContext, rule: InferRule | undefined): readonly Facts[] {
  const { node, x } = context;
  const outputs = rule?.(context) ?? [];
  const parts = node.op === "Split" && node.domain === "" ? splitValues(context, outputs) : undefined;
  const values = valuesOf(context, outputs[0]?.dims);
  const type = x.find((facts) => facts !== undefined)?.type ?? "float32";
  return node.outputs.map((_, index) => {
    const known = parts ? parts[index] : index === 0 ? values : undefined;
    return { type, ...outputs[index], ...(known && { values: known }) };
  });
}

/** Elements of the parts of a list that is cut. */
function splitValues(
  { x: [a] }: InferContext,
  parts: readonly Partial<Facts>[],
): readonly (readonly Dim[])[] | undefined {
  const lengths = parts.map(({ dims }) => (dims?.length === 1 ? dims[0] : undefined));
  if (!a?.values || !lengths.every((length) => typeof length === "number")) return undefined;
  const begins = lengths.map((_, i) => lengths.slice(0, i).reduce((sum, length) => sum + length, 0));
  return lengths.map((length, i) => a.values!.slice(begins[i], begins[i] + length));
}

function valuesOf(context: InferContext, dims: readonly Dim[] | undefined): readonly Dim[] | undefined {
  const evaluator = entryFor(evaluators, context.node) as Evaluator | undefined;
  if (!evaluator || !isStatic(dims) || dims.reduce((a, b) => a * b, 1) > maxValues) return undefined;
  return evaluator(context, dims);
}

/** A Constant node's tensor, whichever attribute holds it. */
export function constantOf({ attributes, name }: OnnxNode): OnnxTensor {
  const { value, value_float: float, value_floats: floats, value_int: int, value_ints: ints } = attributes;
  if (isTensor(value)) return value;
  const [type, list, dims] =
    typeof float === "number"
      ? (["float32", [float], []] as const)
      : typeof int === "number"
        ? (["int64", [int], []] as const)
        : floats !== undefined
          ? (["float32", floats as number[], [(floats as number[]).length]] as const)
          : (["int64", (ints ?? []) as number[], [((ints ?? []) as number[]).length]] as const);
  if (ints === undefined && floats === undefined && float === undefined && int === undefined)
    throw new SyntaxError(`Cannot read Constant "${name}": it holds text or a sparse tensor`);
  const array = type === "float32" ? Float32Array.from(list) : BigInt64Array.from(list, BigInt);
  return { type, dims, data: new Uint8Array(array.buffer) };
}
