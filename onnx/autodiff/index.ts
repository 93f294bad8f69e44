export type { CondFnPorts, Head } from "./cond-fn.ts";
export { GradientError } from "./error.ts";
export { gradientReach, type Place, type Reach, reachInWords, stoppedGradients, ZeroGradientError } from "./reach.ts";
export type { Rule, RuleContext, Rules } from "./rule.ts";
export { noGradient, rules } from "./rules/index.ts";
export type { GradientOptions } from "./walk.ts";
