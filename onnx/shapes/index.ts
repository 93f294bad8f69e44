export type { Facts, InferContext, InferRule } from "./facts.ts";
export { Inference, inferRules } from "./infer.ts";
