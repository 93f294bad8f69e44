/** Values that are above 0 wherever what they are made of is finite: a quotient, root or logarithm of one has a slope. */
import type { OnnxGraph, OnnxNode } from "../ir.ts";

type Sign = "positive" | "not negative" | undefined;
type Signs = (name: string) => Sign;
type Numbers = (value: string) => readonly number[] | undefined;

const both = (a: Sign, b: Sign): Sign =>
  a && b ? (a === "positive" && b === "positive" ? a : "not negative") : undefined;
const kept = ([x]: readonly string[], of: Signs): Sign => of(x);
const notNegative = (): Sign => "not negative";

/** By operator: the sign of its output by those of its inputs. */
const rules: Readonly<Record<string, (inputs: readonly string[], of: Signs, numbers: Numbers) => Sign>> = {
  ...Object.fromEntries(
    ["Identity", "Reshape", "Squeeze", "Unsqueeze", "Transpose", "Expand", "Cast", "ReduceMean", "ReduceSum"].map(
      (op) => [op, kept],
    ),
  ),
  ...Object.fromEntries(["Abs", "Relu", "Exp", "Softmax", "Sigmoid", "ReduceL2"].map((op) => [op, notNegative])),
  Sqrt: kept,
  Reciprocal: kept,
  Div: ([a, b], of) => both(of(a), of(b)),
  Mul: ([a, b], of) => both(of(a), of(b)) ?? (a === b ? "not negative" : undefined),
  Add: ([a, b], of) => of(a) && of(b) && (of(a) === "positive" ? of(a) : of(b)),
  Max: (inputs, of) => {
    const signs = inputs.map(of);
    return signs.includes("positive") ? "positive" : signs.includes("not negative") ? "not negative" : undefined;
  },
  Pow: ([x, by], of, numbers) => (numbers(by)?.every((power) => power % 2 === 0) ? "not negative" : of(x)),
};

export function isPositive(graph: OnnxGraph, numbers: Numbers): (name: string) => boolean {
  const signs = new Map<string, Sign>();
  const signOf: Signs = (name) => {
    const known = numbers(name);
    if (!known || known.length === 0) return signs.get(name);
    return known.every((value) => value > 0)
      ? "positive"
      : known.every((value) => value >= 0)
        ? "not negative"
        : undefined;
  };
  const rule = ({ op, domain }: OnnxNode) => (domain === "" && Object.hasOwn(rules, op) ? rules[op] : undefined);
  for (const node of graph.nodes) signs.set(node.outputs[0], rule(node)?.(node.inputs, signOf, numbers));
  return (name) => signOf(name) === "positive";
}
