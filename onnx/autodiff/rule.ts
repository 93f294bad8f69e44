/**
 * What a gradient rule is: from an operator's inputs, outputs and incoming gradients to the gradients of its inputs.
 * Rules stay textbook and know only their operator; the walk sums over uses, undoes nothing but what it is asked to,
 * and calls a rule only for nodes on a path from the wanted input.
 */
import type { GraphBuilder, Value } from "../builder.ts";
import type { Attributes, DataType, Dim, OnnxTensor } from "../ir.ts";

export interface RuleContext {
  /** Adds the gradient's operators; forward values may be used by name. */
  readonly op: GraphBuilder;
  /** Inputs of the node; "" where an optional one is absent. */
  readonly x: readonly Value[];
  /** First output, and all of them. */
  readonly y: Value;
  readonly ys: readonly Value[];
  /** Gradient of the first output, and of each (null where nothing flows back through that output). */
  readonly dy: Value;
  readonly dys: readonly (Value | null)[];
  readonly attrs: Attributes;
  /** Version of ai.onnx, where an operator's form depends on it. */
  readonly opset: number;
  /** How often each input asks for its gradient: false where none is wanted, so a costly one can be left out. */
  readonly wants: readonly boolean[];
  /** Shape of a forward value, as far as it is known; undefined when even the rank is not. */
  shape(value: Value): readonly Dim[] | undefined;
  type(value: Value): DataType;
  /** The value when it is constant (initializer, Constant or folded), else undefined. */
  constant(value: Value): OnnxTensor | undefined;
  /** Sums dy down to the shape of `like`: undoes a broadcast. No operators where the shapes are known to be equal. */
  unbroadcast(dy: Value, like: Value): Value;
  /** Reshapes dy to the shape of `like`, by a constant target where the shape is known up to one dimension. */
  reshapeLike(dy: Value, like: Value): Value;
  /** For messages: the node's name. */
  readonly name: string;
}

/** One entry per input, `null` where nothing flows. */
export type Rule = (context: RuleContext) => readonly (Value | null)[];
