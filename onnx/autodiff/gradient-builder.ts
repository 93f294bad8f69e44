/** The graph under construction: forward nodes, then the gradient's, and what a rule sees of it. */
import type { OnnxGraph, OnnxNode } from "../ir.ts";
import type { Value } from "../rewrite/builder.ts";
import { Draft } from "../rewrite/draft.ts";
import { GradientError } from "./error.ts";
import type { RuleContext } from "./rule.ts";
import { reshapeLike, shapeOf, unbroadcast, zerosLike } from "./shaping.ts";

export class GradientBuilder extends Draft {
  constructor(forward: OnnxGraph) {
    super(forward, "d");
    for (const node of forward.nodes) this.push(node);
  }

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
}
