import { expect, test } from "vitest";
import { type GraphBuilder, graphBuilder, lackingOnWebGpu, lower, type Value } from "../../../onnx/index.ts";

const computed = (op: GraphBuilder, x: Value, n: number): Value =>
  op.Add(op.Cast(op.Mul(op.ReduceMax(x, null, { keepdims: 0 }), 0), { to: "int64" }), op.int64([n]));
const last = (op: GraphBuilder) => op.int64([-1]);

type Case = readonly [dims: readonly (number | string)[], y: (op: GraphBuilder, x: Value) => Value];

const volumes = (group: number): Case => [
  [1, group, 3, 3, 3],
  (op, x) => op.Conv(x, op.float(new Array(group * 8).fill(1), [group, 1, 2, 2, 2]), { group }),
];
const smaller = (op: GraphBuilder, x: Value) =>
  op.Resize(x, null, op.float([1, 1, 0.5, 0.5]), { mode: "linear", antialias: 1 });

const lacking: Readonly<Record<string, readonly [said: RegExp, ...Case]>> = {
  "antialiasing of open sides": [/"Resize.0": Resize antialiases/, [1, 1, "H", "W"], smaller],
  "steps that are computed": [
    /Slice goes by steps that are computed/,
    [4],
    (op, x) => op.Slice(x, last(op), op.int64([0]), op.int64([0]), computed(op, x, -1)),
  ],
  "axes that are computed": [
    /Slice goes backwards along axes that are computed/,
    [4],
    (op, x) => op.Slice(x, last(op), op.int64([0]), computed(op, x, 0), last(op)),
  ],
  "volumes in many groups": [/Conv is of volumes/, ...volumes(65)],
};

const computable: Readonly<Record<string, Case>> = {
  "antialiasing of known sides": [["N", 1, 6, 6], smaller],
  "ends that are computed": [[4], (op, x) => op.Slice(x, computed(op, x, 2), op.int64([0]), op.int64([0]), last(op))],
  "volumes in few groups": volumes(2),
};

const told = ([dims, y]: Case): string | undefined => {
  const op = graphBuilder();
  op.output("y", y(op, op.input("x", "float32", dims)), "float32");
  return lackingOnWebGpu(lower(op.model("net"), "portable"));
};

test.each(Object.entries(lacking))("%s: is told, with what to do", (_, [said, ...net]) => {
  expect(told(net)).toMatch(said);
  expect(told(net)).toMatch(/^WebGPU cannot compute node ".+; run it with --backend cpu$/);
});

test.each(Object.entries(computable))("%s: nothing is told", (_, net) => {
  expect(told(net)).toBeUndefined();
});
