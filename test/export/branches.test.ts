/** Choices by one number become an If, which gives what they gave and computes nothing of the other side. */
import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { withBranches } from "../../export/branches.ts";
import { type GraphBuilder, graphBuilder, isGraph, type OnnxGraph, type Value, writeModel } from "../../onnx/index.ts";

const dims = ["N", 3];
type Build = (op: GraphBuilder, x: Value, isA: Value) => readonly Value[];

/** x times a matrix that is another for each number. */
const times = (op: GraphBuilder, x: Value, k: number): Value =>
  op.MatMul(x, op.float([1, k, 0, 0, 1, k, k, 0, 1], [3, 3]));

const choices: Readonly<
  Record<string, { readonly build: Build; readonly outside: number; readonly inside: number[] }>
> = {
  "each side its own": {
    build: (op, x, isA) => [op.Where(isA, times(op, x, 2), op.Tanh(times(op, times(op, x, 3), 4)))],
    ...{ outside: 0, inside: [1, 2] },
  },
  "what both sides read is computed before": {
    build: (op, x, isA) => {
      const both = times(op, x, 2);
      return [op.Where(isA, op.Add(times(op, both, 3), both), both)];
    },
    ...{ outside: 1, inside: [1, 0] },
  },
  "two choices of one number are one, and share what leads to them": {
    build: (op, x, isA) => {
      const a = times(op, x, 2);
      const b = times(op, x, 3);
      return [op.Where(isA, op.Neg(a), b), op.Where(isA, a, op.Exp(b))];
    },
    ...{ outside: 0, inside: [1, 1] },
  },
  "what is one side here and the other there is computed before": {
    build: (op, x, isA) => {
      const [a, b] = [times(op, x, 2), times(op, x, 3)];
      return [op.Where(isA, a, b), op.Where(isA, times(op, x, 4), a)];
    },
    ...{ outside: 1, inside: [1, 1] },
  },
  "a choice behind another of the same number": {
    build: (op, x, isA) => {
      const first = op.Where(isA, times(op, x, 2), x);
      return [op.Where(isA, times(op, first, 3), first)];
    },
    ...{ outside: 1, inside: [1, 0] },
  },
  "an output besides": {
    build: (op, x, isA) => {
      const a = times(op, x, 2);
      return [a, op.Where(isA, times(op, a, 3), x)];
    },
    ...{ outside: 1, inside: [1, 0] },
  },
  "choices that spare nothing stay": {
    build: (op, x, isA) => [op.Where(isA, op.Exp(x), op.Neg(x)), times(op, x, 2)],
    ...{ outside: 1, inside: [] },
  },
  "a choice value by value stays": {
    build: (op, x) => [op.Where(op.Greater(x, 0), times(op, x, 2), x)],
    ...{ outside: 1, inside: [] },
  },
};

const products = ({ nodes }: OnnxGraph): number => nodes.filter(({ op }) => op === "MatMul").length;

test.each(Object.entries(choices))("%s", async (_, { build, outside, inside }) => {
  const op = graphBuilder();
  const isA = op.Equal(op.input("chosen", "float32", []), 1);
  build(op, op.input("x", "float32", dims), isA).forEach((y, i) => void op.output(`y${i}`, y, "float32", dims));
  const model = op.model("choices", 18);
  const graph = withBranches(model.graph);
  const branches = graph.nodes.flatMap(({ attributes }) =>
    ["then_branch", "else_branch"].flatMap((name) => {
      const branch = attributes[name];
      return isGraph(branch) ? [products(branch)] : [];
    }),
  );
  expect({ outside: products(graph), inside: branches }).toEqual({ outside, inside });
  const sessions = await Promise.all(
    [model, { ...model, graph }].map(async (one) =>
      InferenceSession.create(await writeModel(one), { intraOpNumThreads: 1 }),
    ),
  );
  for (const chosen of [1, 0]) {
    const feeds = {
      chosen: new Tensor("float32", Float32Array.of(chosen), []),
      x: new Tensor("float32", Float32Array.of(0.5, -1, 0.25, 0, 0.75, -0.5), [2, 3]),
    };
    const [expected, found] = await Promise.all(sessions.map((session) => session.run(feeds)));
    // Zeros of either sign.
    const numbers = ({ data }: Tensor) => Array.from(data as Float32Array, (value) => value + 0);
    for (const [name, y] of Object.entries(expected))
      expect(numbers(found[name] as Tensor), `${name} of ${chosen}`).toEqual(numbers(y as Tensor));
  }
});
