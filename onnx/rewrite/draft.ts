/**
 * A graph under construction, begun from another one: nodes are taken over or built, and what is known of their values
 * keeps up with them. Whoever changes a graph works on a draft of it.
 */
import type { DataType, Dim, OnnxGraph, OnnxNode, OnnxTensor } from "../ir.ts";
import { type Facts, Inference } from "../shapes/index.ts";
import { type GraphBuilder, graphBuilder, type Value } from "./builder.ts";
import { isFloat, roundedTo } from "./float-types.ts";
import { freshPrefix } from "./names.ts";

export class Draft {
  /** Adds operators at the end of the draft. */
  readonly op: GraphBuilder;
  readonly #begun: OnnxGraph;
  readonly #inference: Inference;
  /** How much of `op` inference has seen. */
  #nodesSeen = 0;
  #constantsSeen = 0;
  #inputsSeen = 0;

  /**
   * A draft has the inputs and constants of the graph that it is begun from, and none of its nodes; what it adds is called `word/…`.
   * An inner graph knows what the draft around it does.
   */
  constructor(graph: OnnxGraph, word: string, around?: Draft) {
    this.op = graphBuilder(freshPrefix(graph, word));
    this.#begun = graph;
    const empty = { ...graph, nodes: [] };
    this.#inference = around ? around.#inside(empty) : new Inference(empty);
  }

  #inside(graph: OnnxGraph): Inference {
    this.#catchUp();
    return this.#inference.inside(graph);
  }

  get nodes(): readonly OnnxNode[] {
    return this.op.nodes;
  }

  /** Takes a node over as it is. */
  push(node: OnnxNode): void {
    this.op.nodes.push(node);
  }

  /** Puts another node in the place of one that the draft has. */
  replace(index: number, node: OnnxNode): void {
    this.op.nodes[index] = node;
  }

  /** Lets what a node would make be known, without taking it over. */
  consider(node: OnnxNode): void {
    this.#catchUp();
    this.#inference.addNode(node);
  }

  readonly facts = (value: Value): Facts | undefined => {
    this.#catchUp();
    return this.#inference.facts(value);
  };

  readonly shape = (value: Value): readonly Dim[] | undefined => this.facts(value)?.dims;

  readonly type = (value: Value): DataType => this.facts(value)?.type ?? "float32";

  /** Whether a value's type is known for certain. */
  readonly knows = (value: Value): boolean => {
    this.#catchUp();
    return this.#inference.isCertain(value);
  };

  /** The tensor, when the value is constant. */
  readonly constant = (value: Value): OnnxTensor | undefined => {
    this.#catchUp();
    return this.#inference.constant(value);
  };

  /** Elements of a small constant or of folded shape arithmetic, if all are known numbers. */
  readonly numbers = (value: Value): readonly number[] | undefined => {
    const values = this.facts(value)?.values;
    return values?.every((element) => typeof element === "number") ? (values as number[]) : undefined;
  };

  /** The graph as it stands: the inputs of the one it was begun from and those declared since, and its outputs or others. */
  graph(outputs = this.#begun.outputs): OnnxGraph {
    this.#catchUp();
    const { nodes, inputs, initializers } = this.op;
    return {
      ...this.#begun,
      nodes,
      inputs: [...this.#begun.inputs, ...inputs],
      outputs,
      initializers: new Map([...this.#begun.initializers, ...initializers]),
    };
  }

  #catchUp(): void {
    const { nodes, initializers, inputs } = this.op;
    for (; this.#inputsSeen < inputs.length; this.#inputsSeen++) this.#inference.addInput(inputs[this.#inputsSeen]);
    if (initializers.size > this.#constantsSeen) {
      for (const [name, tensor] of [...initializers].slice(this.#constantsSeen))
        this.#inference.addConstant(name, tensor);
      this.#constantsSeen = initializers.size;
    }
    for (; this.#nodesSeen < nodes.length; this.#nodesSeen++) {
      nodes[this.#nodesSeen] = this.#withTypedConstants(nodes[this.#nodesSeen]);
      this.#inference.addNode(nodes[this.#nodesSeen]);
    }
  }

  /** Whoever builds writes `op.Mul(dy, 2)`; where dy is float16, so becomes the 2. Resize takes float32 scales for any type. */
  #withTypedConstants(node: OnnxNode): OnnxNode {
    if (node.op === "Resize" || node.op === "Cast") return node;
    const ours = (input: Value): boolean => this.op.initializers.get(input)?.type === "float32";
    if (!node.inputs.some(ours)) return node;
    const types = node.inputs.map((input) => (ours(input) ? undefined : this.#inference.facts(input)?.type));
    const type = types.find((type) => type !== undefined && type !== "float32" && isFloat(type));
    if (type === undefined) return node;
    return { ...node, inputs: node.inputs.map((input) => (ours(input) ? this.#cast(input, type) : input)) };
  }

  #cast(constant: Value, type: DataType): Value {
    const name = `${constant}.${type}`;
    if (!this.op.initializers.has(name)) {
      const tensor = roundedTo(type, this.op.initializers.get(constant)!);
      this.op.initializers.set(name, tensor);
      this.#inference.addConstant(name, tensor);
      this.#constantsSeen = this.op.initializers.size;
    }
    return name;
  }
}
