/**
 * Operators that stand for several: onnxruntime's own, which its optimiser and our lowerings write, attention with what
 * belongs to it, and what is defined by others, in simpler ones again, so that a model that was converted for speed can be differentiated, and its gradient
 * lowered for another provider.
 */
import type { OnnxModel } from "../ir.ts";
import { rewrite } from "../rewrite/rewrite.ts";
import type { Rows } from "../rewrite/row.ts";
import { attention } from "./unfusings/attention.ts";
import { carried } from "./unfusings/carried.ts";
import { contrib } from "./unfusings/contrib.ts";
import { defined } from "./unfusings/defined.ts";
import { sampled } from "./unfusings/sampled.ts";
import { spectral } from "./unfusings/spectral.ts";

const unfusings: Rows = { ...contrib, ...attention, ...carried, ...spectral, ...sampled, ...defined };

const operators = new Set(Object.values(unfusings).map(({ pattern }) => pattern.operator as string));

export const unfuse = (model: OnnxModel): OnnxModel =>
  model.graph.nodes.some(({ op }) => operators.has(op)) ? rewrite(model, unfusings, { word: "unfused" }) : model;
