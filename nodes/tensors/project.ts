import { project } from "../../diffusion/index.ts";
import { sameSize } from "../checks.ts";
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
  inputs: { tensor: port.tensor(), onto: port.tensor() },
  outputs: { parallel: port.tensor(), orthogonal: port.tensor() },
  infer: ({ tensor, onto }) => {
    const part = { ...sameSize({ tensor, onto }), ...sameMeaning(tensor) };
    return { parallel: part, orthogonal: part };
  },
  run: ({ tensor, onto }) => project(tensor, onto),
});
