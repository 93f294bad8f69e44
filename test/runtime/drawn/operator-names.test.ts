import { expect, test } from "vitest";
import type { DrawnNode } from "../../../nodes/index.ts";
import { nodeOfOperator } from "../../../runtime/drawn/operator-names.ts";

const nodes = ["3", "5", "7/3", "7/3/5"].map((path) => ({ path }) as DrawnNode);

test.each([
  ["n/3/Mul.13", "3"],
  ["n/7/3/Mul.13", "7/3"],
  ["n/7/3/5/Conv.1_nchwc", "7/3/5"],
  ["gradient/n/5/Mul.3.gradient/Add.2", "5"],
  ['node "n/5/Add.3" (Add): axis == 1 was false', "5"],
  ["Node (n/7/3/Add.3) Op (Add) [ShapeInferenceError] Incompatible dimensions", "7/3"],
  ["n/7/5/Mul.13", undefined],
  ["n/call0/layers/3/Conv", undefined],
  ["n/call0/layers/3/Conv.5_nchwc", undefined],
  ["n/call0/n/3/Conv.5", undefined],
  ["gradient/n/call1/3/Conv.5.gradient/Mul.2", undefined],
  ['node "n/call0/layers/3/Conv.5" (Conv): rank 3', undefined],
  ["/layers/3/Conv", undefined],
  ["what is at /3/Mul.2 is of another rank", undefined],
])("the operator of %s is of %s", (words, path) => expect(nodeOfOperator(nodes, words)?.path).toBe(path));
