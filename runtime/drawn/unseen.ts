/**
 * NaN and infinity that nobody would see in what comes out: a clip, a comparison or an exponential makes them finite. A drawing
 * runs as one, so what the executor looks at between nodes is looked at here by a number more, that is NaN where one of them is.
 */
import type { DrawnOutput, DrawnPrediction, Kind, Value } from "../../nodes/index.ts";
import { type Call, type DataType, type OnnxNode, usesOf } from "../../onnx/index.ts";

/** A value that is looked at outside of a drawing: when it comes out of a network, of a node, or before it is clipped. */
export interface Watched {
  readonly value: Value;
  readonly path: string;
  /** How a message calls it. */
  readonly source: string;
}

/** A value that is neither has a number in it that is, whichever of these inputs has one. */
const carries: Readonly<Record<string, readonly number[] | "all">> = {
  ...{ Add: "all", Sub: "all", Mul: "all", Div: [0], MatMul: "all", Concat: "all" },
  ...{ Identity: [0], StopGradient: [0], Neg: [0], Abs: [0], Sqrt: [0], Log: [0], Sin: [0], Cos: [0] },
  ...{ Reshape: [0], Transpose: [0], Squeeze: [0], Unsqueeze: [0], Flatten: [0], Expand: [0] },
  ...{ ReduceSum: [0], ReduceMean: [0], ReduceL2: [0], ReduceSumSquare: [0] },
};

/** What these give of finite values is finite. */
const keepsFinite = new Set([
  ...[
    "Identity",
    "StopGradient",
    "Neg",
    "Abs",
    "Sign",
    "Min",
    "Max",
    "Clip",
    "Relu",
    "Sigmoid",
    "Tanh",
    "Sin",
    "Cos",
    "Floor",
  ],
  ...["Reshape", "Transpose", "Squeeze", "Unsqueeze", "Flatten", "Expand", "Concat", "Slice", "Softmax"],
]);

interface Drawing {
  readonly nodes: readonly OnnxNode[];
  readonly calls: readonly Call[];
  readonly type: (value: Value) => DataType | undefined;
}

/** Those of `watched` that may be NaN or infinite while `outputs` and the others are finite. */
export function unseen(
  { nodes, calls, type }: Drawing,
  watched: readonly Watched[],
  outputs: readonly Value[],
): readonly Value[] {
  const made = new Map<Value, OnnxNode | Call>();
  for (const node of nodes) for (const output of node.outputs) made.set(output, node);
  for (const call of calls) for (const output of call.outputs.values()) made.set(output, call);
  const isWatched = new Set(watched.map(({ value }) => value));
  /** Whether it is finite where what is watched, and what it is given, is. */
  const follows = (value: Value): boolean => {
    const by = made.get(value);
    if (!by) return true;
    return "op" in by && keepsFinite.has(by.op) && by.inputs.every((input) => isWatched.has(input) || follows(input));
  };
  const [needed, shown] = [new Set(outputs), new Set(outputs)];
  const found: Value[] = [];
  const parts = inOrder(nodes, calls);
  for (let i = parts.length - 1; i >= 0; i--) {
    const part = parts[i];
    const own = "op" in part ? part.outputs : [...part.outputs.values()];
    if (!own.some((value) => needed.has(value))) continue;
    for (const value of own)
      if (isWatched.has(value) && !shown.has(value) && type(value) === "float32" && !follows(value)) {
        found.push(value);
        shown.add(value);
      }
    for (const input of "op" in part ? usesOf(part) : part.inputs.values()) needed.add(input);
    if (!("op" in part) || !own.some((value) => shown.has(value))) continue;
    const through = carries[part.op] ?? [];
    for (const [index, input] of part.inputs.entries())
      if (through === "all" || through.includes(index)) shown.add(input);
  }
  return found.reverse();
}

/** Each call before the node that it stands before. */
function inOrder(nodes: readonly OnnxNode[], calls: readonly Call[]): readonly (OnnxNode | Call)[] {
  const parts: (OnnxNode | Call)[] = [];
  for (let i = 0; i <= nodes.length; i++) {
    parts.push(...calls.filter(({ at }) => at === i));
    if (i < nodes.length) parts.push(nodes[i]);
  }
  return parts;
}

/** What a node gives that is there already, as `checkGiven` looks at it. */
export const givenBy: { readonly [K in Kind]?: (drawn: unknown) => readonly (readonly [string, Value])[] } = {
  tensor: (drawn) => [["", drawn as Value]],
  model_output: (drawn) => [["", (drawn as DrawnOutput).out]],
  prediction: (drawn) =>
    (["x0", "mean"] as const).flatMap((part) => {
      const value = Object.getOwnPropertyDescriptor(drawn as DrawnPrediction, part)?.value as Value | undefined;
      return value === undefined ? [] : [[`${part} in `, value] as const];
    }),
};
