/** Types of what control flow gives: as its inner graphs declare them. Shapes may differ from run to run. */
import { isGraph } from "../../ir.ts";
import type { InferRule, InferRules } from "../facts.ts";

/** Types of an inner graph's outputs, without the first few. */
const typesOf =
  (attribute: string, skipped = 0): InferRule =>
  ({ attrs }) => {
    const graph = attrs[attribute];
    return isGraph(graph) ? graph.outputs.slice(skipped).map(({ type }) => ({ type })) : [];
  };

export const control = {
  If: typesOf("then_branch"),
  // The first output of a Loop's body is its condition.
  Loop: typesOf("body", 1),
  Scan: typesOf("body"),
} satisfies InferRules;
