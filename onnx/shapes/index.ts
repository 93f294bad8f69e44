export type { Facts, InferContext, InferRule, InferRules } from "./facts.ts";
export { Inference } from "./infer.ts";
