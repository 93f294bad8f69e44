export { type Conflict, conflictIn } from "./conflict.ts";
export type { Facts, InferContext, InferRule, InferRules } from "./facts.ts";
export { Inference } from "./infer.ts";
export { sizeAt } from "./size.ts";
