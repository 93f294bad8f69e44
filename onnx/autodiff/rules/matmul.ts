/** Gradients of matrix products. */
import type { Rule } from "../rule.ts";

export const matmul = {} satisfies Record<string, Rule>;
