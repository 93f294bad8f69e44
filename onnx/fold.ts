/**
 * Shape arithmetic made constant. PyTorch exports every view as a chain of Shape, Gather, Mul and Concat; what inference
 * knows of it is written into the graph, with a batch size that is known only at run time left open as −1.
 */
import type { OnnxModel } from "./ir.ts";
import { prune } from "./prune.ts";

export function fold(model: OnnxModel): OnnxModel {
  return { ...model, graph: prune(model.graph) };
}
