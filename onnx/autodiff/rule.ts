/**
 * What a gradient rule is: from an operator's inputs, outputs and incoming gradients to the gradients of its inputs.
 * Rules stay textbook and know only their operator. The walk does the rest: it sums over uses, undoes broadcasting
 * (a gradient may be returned in the broadcast shape), gives constants the float type that they meet, and calls a rule
 * only for nodes on a path from the wanted input. Graphs reach rules in the form of opset 18 or later: upgrade.ts has
 * turned older ones into it, so axes are always inputs and Split says its num_outputs.
 */
import type { Attributes, DataType, Dim, OnnxTensor } from "../ir.ts";
import type { AttributesOf, Operator } from "../operators.ts";
import type { GraphBuilder, Value } from "../rewrite/builder.ts";

export interface RuleContext<attributes = Attributes> {
  /** Adds the gradient's operators; forward values may be used by name. */
  readonly op: GraphBuilder;
  /** Inputs of the node; "" where an optional one is absent. */
  readonly x: readonly Value[];
  /** First output, and all of them. */
  readonly y: Value;
  readonly ys: readonly Value[];
  /** Gradient of the first output (zeros where only other outputs are used). */
  readonly dy: Value;
  /** Gradient of each output, null where nothing flows back through that output. */
  readonly dys: readonly (Value | null)[];
  readonly attrs: attributes;
  /** Version of ai.onnx (≥ 18), where an operator's form depends on it. */
  readonly opset: number;
  /** Whether each input's gradient is wanted, so that a costly one can be left out. */
  readonly wants: readonly boolean[];
  /** Shape of a value, forward or gradient, as far as it is known; undefined when even the rank is not. */
  shape(value: Value): readonly Dim[] | undefined;
  /** Number of dimensions; throws a GradientError that names this node where it is not known. */
  rank(value: Value): number;
  type(value: Value): DataType;
  /** The value when it is constant (initializer, Constant or folded), else undefined. */
  constant(value: Value): OnnxTensor | undefined;
  /** Elements of a small constant or of folded shape arithmetic, if all are known numbers. */
  numbers(value: Value): readonly number[] | undefined;
  /** The shape as an int64 value: a constant where it is known, else the operator Shape. */
  shapeOf(value: Value): Value;
  zerosLike(value: Value): Value;
  /** Sums dy down to the shape of `like`: undoes a broadcast. No operators where the shapes are known to be equal. */
  unbroadcast(dy: Value, like: Value): Value;
  /** Reshapes dy to the shape of `like`, by a constant target where the shape is known up to one dimension. */
  reshapeLike(dy: Value, like: Value): Value;
  /** For messages: the node's name. */
  readonly name: string;
  /** A GradientError that names this node and operator, for forms that a rule cannot handle. */
  error(reason: string): Error;
}

/** One entry per input, `null` where nothing flows; trailing nulls may be left out. */
export type Rule<attributes = Attributes> = (context: RuleContext<attributes>) => readonly (Value | null)[];

/** Rules by operator, each of which sees the attributes that its operator has. */
export type Rules = { readonly [op in Operator]?: Rule<AttributesOf<op>> };
