/** The graph under construction: forward nodes, then the gradient's, with types and shapes known for both. */

import type { DataType, Dim, OnnxGraph, OnnxNode, OnnxTensor } from "../ir.ts";
import { type GraphBuilder, graphBuilder, type Value } from "../rewrite/builder.ts";
import type { Inference } from "../shapes/index.ts";
import { GradientError } from "./error.ts";
import type { RuleContext } from "./rule.ts";
import { reshapeLike, shapeOf, unbroadcast, zerosLike } from "./shaping.ts";

const floatTypes: ReadonlySet<DataType> = new Set(["float32", "float64", "float16", "bfloat16"]);
export const isFloat = (type: DataType): boolean => floatTypes.has(type);

export class GradientBuilder {
  readonly op: GraphBuilder;
  readonly #inference: Inference;
  /** How much of `op` inference has seen. */
  #nodesSeen = 0;
  #constantsSeen = 0;
  #inputsSeen = 0;

  constructor(inference: Inference, prefix: string) {
    this.op = graphBuilder(prefix);
    this.#inference = inference;
  }

  readonly shape = (value: Value): readonly Dim[] | undefined => {
    this.#catchUp();
    return this.#inference.facts(value)?.dims;
  };

  readonly type = (value: Value): DataType => {
    this.#catchUp();
    return this.#inference.facts(value)?.type ?? "float32";
  };

  readonly constant = (value: Value): OnnxTensor | undefined => this.#inference.constant(value);

  readonly numbers = (value: Value): readonly number[] | undefined => {
    this.#catchUp();
    const values = this.#inference.facts(value)?.values;
    return values?.every((element) => typeof element === "number") ? (values as number[]) : undefined;
  };

  /** What a rule sees of `node`, given the gradients of its outputs. */
  context(node: OnnxNode, dys: readonly (Value | null)[], wants: readonly boolean[], opset: number): RuleContext {
    const { op, shape, type, constant, numbers } = this;
    const error = (reason: string): Error => new GradientError(node.op, node.name, reason);
    const zeros = (value: Value): Value => zerosLike(this, value);
    return {
      op,
      x: node.inputs,
      y: node.outputs[0],
      ys: node.outputs,
      get dy() {
        return dys[0] ?? zeros(node.outputs[0]);
      },
      dys,
      attrs: node.attributes,
      opset,
      wants,
      shape,
      rank: (value) => {
        const dims = shape(value);
        if (!dims) throw error(`the rank of "${value}" is not known`);
        return dims.length;
      },
      type,
      constant,
      numbers,
      shapeOf: (value) => shapeOf(this, value),
      zerosLike: zeros,
      unbroadcast: (dy, like) => unbroadcast(this, dy, like),
      reshapeLike: (dy, like) => reshapeLike(this, dy, like),
      name: node.name,
      error,
    };
  }

  /** Nodes and constants of the gradient appended to the forward graph. */
  extend(forward: OnnxGraph): OnnxGraph {
    this.#catchUp();
    return {
      name: `gradient of ${forward.name}`,
      nodes: [...forward.nodes, ...this.op.nodes],
      inputs: [...forward.inputs, ...this.op.inputs],
      outputs: this.op.outputs,
      initializers: new Map([...forward.initializers, ...this.op.initializers]),
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

  /** A rule writes `op.Mul(dy, 2)`; where dy is float16, so becomes the 2. Resize takes float32 scales for any type. */
  #withTypedConstants(node: OnnxNode): OnnxNode {
    if (node.op === "Resize" || node.op === "Cast") return node;
    const ours = (input: Value): boolean => this.op.initializers.get(input)?.type === "float32";
    const types = node.inputs.map((input) => (ours(input) ? undefined : this.#inference.facts(input)?.type));
    const type = types.find((type) => type !== undefined && type !== "float32" && isFloat(type));
    if (type === undefined || !node.inputs.some(ours)) return node;
    return { ...node, inputs: node.inputs.map((input) => (ours(input) ? this.#cast(input, type) : input)) };
  }

  #cast(constant: Value, type: DataType): Value {
    const name = `${constant}.${type}`;
    if (!this.op.initializers.has(name)) {
      const tensor = castConstant(this.op.initializers.get(constant)!, type);
      this.op.initializers.set(name, tensor);
      this.#inference.addConstant(name, tensor);
      this.#constantsSeen = this.op.initializers.size;
    }
    return name;
  }
}

/** A float32 constant of the builder in another float type, rounded to nearest even. */
function castConstant({ dims, data }: OnnxTensor, type: DataType): OnnxTensor {
  const values = new Float32Array((data as Uint8Array).slice().buffer);
  const array =
    type === "float64"
      ? Float64Array.from(values)
      : Uint16Array.from(values, type === "float16" ? float16Bits : bfloat16Bits);
  return { type, dims, data: new Uint8Array(array.buffer) };
}

const bfloat16Bits = (value: number): number => {
  const [bits] = new Uint32Array(Float32Array.of(value).buffer);
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
};

/** IEEE 754 binary16: 5 exponent bits, 10 of fraction. */
export function float16Bits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(size || 2 ** -30)));
  const units = roundHalfToEven(size / 2 ** (exponent - 10));
  // Rounding may carry into the next exponent; adding the units to the exponent field lets it.
  return sign | (exponent === -14 ? units : ((exponent + 14) << 10) + units);
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
