/**
 * Rewrites a finished graph, forward or gradient, into the forms that are fast. Gradient rules stay textbook; what is
 * known of a runtime's kernels is known here alone.
 */
import { fold } from "../fold.ts";
import type { OnnxModel } from "../ir.ts";
import { upgrade } from "../upgrade.ts";

/** "cpu" may use onnxruntime's own operators (com.microsoft); "portable" has a kernel for every operator on WebGPU. */
export type Flavour = "cpu" | "portable";

export function lower(model: OnnxModel, _flavour: Flavour): OnnxModel {
  return fold(upgrade(model));
}
