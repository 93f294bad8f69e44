/** Behind a classifier: from what it answers to logits N×K, and how they are read. */

import type { Head } from "../autodiff/cond-fn.ts";
import type { OnnxModel, OnnxNode, ValueInfo } from "../ir.ts";
import type { GraphBuilder, Value } from "../rewrite/builder.ts";
import { isFloat } from "../rewrite/float-types.ts";
import type { Fit } from "./choices.ts";

export interface HeadFit {
  readonly head: Head;
  readonly classes: number | undefined;
  /** Undefined where there is nothing to do. */
  readonly adapt: ((op: GraphBuilder, answer: Value) => Value) | undefined;
  /** Nodes that are taken off, by their first output. */
  readonly passed: ReadonlySet<string>;
  readonly said: readonly string[];
}

/** Throws a SyntaxError for shapes that are no logits, and for a choice whose gradient would be zero. */
export function fitHead(out: ValueInfo, fit: Fit, model: OnnxModel): HeadFit {
  const { name, type, dims } = out;
  if (!isFloat(type)) throw new SyntaxError(`its logits "${name}" are ${type}, expected floats`);
  const classes = classesOf(out);
  const isScore = fit.head === "score";
  const last = isScore ? undefined : lastActivation(model, name);
  const head = headOf(fit.head, classes, dims?.length, last?.op);
  const said = [
    ...(last ? [`${last.op} taken off`] : []),
    ...(dims && dims.length !== 2 ? [`answers ${dims.join("×")}`] : []),
    ...(type === "float32" ? [] : [`answers ${type}`]),
    ...(head === "softmax" ? [] : [readings[head]]),
  ];
  const isAsItIs = dims?.length === 2 && type === "float32" && head !== "bernoulli";
  return {
    head: head === "bernoulli" ? "softmax" : head,
    classes: head === "bernoulli" ? 2 : classes,
    adapt:
      isAsItIs || (dims === undefined && type === "float32")
        ? last && ((_, answer) => answer)
        : (op, answer) => {
            const floats = type === "float32" ? answer : op.Cast(answer, { to: "float32" });
            const flat = dims?.length === 1 ? op.Unsqueeze(floats, op.int64([1])) : op.Flatten(floats, { axis: 1 });
            // softmax (0, z) = (1 − σ(z), σ(z))
            return head === "bernoulli" ? op.Concat(op.Mul(flat, 0), flat, { axis: 1 }) : flat;
          },
    passed: new Set(last ? [last.outputs[0]] : []),
    said,
  };
}

const readings = {
  bernoulli: "one logit: class 1 is yes, class 0 is no",
  sigmoid: "each class by itself",
  score: "a score, whose own gradient guides",
} as const;

/** Values of each sample: K of N×K, of N×K×1×1, and 1 of N. */
function classesOf({ name, dims }: ValueInfo): number | undefined {
  const rest = dims?.slice(1);
  if (rest?.some((dim) => typeof dim !== "number")) {
    if (dims!.length > 2) throw new SyntaxError(`its logits "${name}" are ${dims!.join("×")}, expected N×classes`);
    return undefined;
  }
  const large = (rest as number[] | undefined)?.filter((dim) => dim !== 1);
  if (large && large.length > 1)
    throw new SyntaxError(`its logits "${name}" are ${dims!.join("×")}, expected N×classes`);
  return large && (large[0] ?? 1);
}

function headOf(
  chosen: Fit["head"],
  classes: number | undefined,
  rank: number | undefined,
  last: string | undefined,
): Exclude<Fit["head"], "auto"> {
  if (chosen === "softmax" && classes === 1)
    throw new SyntaxError(
      "it answers with one logit, whose softmax is 1 whatever the picture: read it as head bernoulli or score",
    );
  if (chosen === "bernoulli" && classes !== 1)
    throw new SyntaxError(`it answers with ${classes ?? "several"} logits, and head bernoulli reads one`);
  if (chosen !== "auto") return chosen;
  if (classes === 1) return rank === 1 && last === undefined ? "score" : "bernoulli";
  return last === "Sigmoid" ? "sigmoid" : "softmax";
}

/** Operators that change neither values nor which sample they belong to. */
const passing = new Set("Identity Cast Reshape Squeeze Unsqueeze Flatten".split(" "));

/** The Softmax or Sigmoid that a network ends in: its logits are before it. */
function lastActivation({ graph: { nodes } }: OnnxModel, out: string): OnnxNode | undefined {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const uses = (name: string): number => nodes.filter(({ inputs }) => inputs.includes(name)).length;
  for (let node = makers.get(out); node?.domain === ""; node = makers.get(node.inputs[0])) {
    if (node.op === "Softmax" || node.op === "Sigmoid") return node;
    // What is read elsewhere too is not the end.
    if (!passing.has(node.op) || (node.outputs[0] !== out && uses(node.outputs[0]) > 1)) return undefined;
  }
  return undefined;
}
