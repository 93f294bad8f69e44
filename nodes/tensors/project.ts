import { broadcastBatch, project } from "../../diffusion/index.ts";
import { atPort, broadcastSize } from "../checks.ts";
import { scaled } from "../lengths.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { sameMeaning } from "./meaning.ts";

export default defineNode({
  type: "guidegraph/project",
  version: 1,
  title: "Project",
  category: "tensors",
  description: "Splits each sample of a tensor into the part along another tensor and the part across it.",
  equation: "x∥ = (x·y / y·y) · y,  x⊥ = x − x∥",
  reference: "projection, orthogonal, parallel",
  inputs: { tensor: port.tensor(), onto: port.tensor({ help: "One sample serves all." }) },
  outputs: { parallel: port.tensor(), orthogonal: port.tensor() },
  infer: ({ tensor, onto }) => {
    const part = { ...broadcastSize({ tensor, onto }), ...sameMeaning(tensor) };
    return { parallel: part, orthogonal: part };
  },
  run: ({ tensor, onto }) => atPort("onto", () => project(...broadcastBatch(tensor, onto))),
  draw: ({ tensor, onto }, { op }) => {
    const axes = op.int64([1, 2, 3]);
    const dot = (a: string, b: string) => op.ReduceSum(op.Mul(a, b), axes);
    const [x, y] = [tensor, onto].map((one) => scaled(op, one, axes));
    const square = dot(y.unit, y.unit);
    // Along zeros there is nothing.
    const factor = op.Div(dot(x.unit, y.unit), op.Where(op.Equal(square, 0), 1, square));
    const parallel = op.Mul(op.Mul(factor, y.unit), x.scale);
    return { parallel, orthogonal: op.Sub(tensor, parallel) };
  },
});
