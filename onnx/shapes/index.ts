export type { Facts, InferContext, InferRule, InferRules } from "./facts.ts";
export { Inference, inferRules } from "./infer.ts";
