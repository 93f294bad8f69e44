/** How much work a plan is, before it is taken on. */
import { GraphError } from "../nodes/index.ts";
import { bodyOf } from "./step.ts";
import type { PlanStep } from "./types.ts";

/**
 * Calls of nodes in one batch at most: at a hundred thousand a second, which is as fast as nodes without a network go, it is a
 * quarter of an hour. The longest sampler of the library makes some ten thousand.
 */
const maxCalls = 1e8;

/** Calls of nodes that the steps come to; a loop whose length is not known yet counts as one step. */
export const callsOf = (steps: readonly PlanStep[]): number =>
  steps.reduce(
    (sum, step) => sum + (step.is !== "loop" ? 1 : callsOf(step.once) + (step.count ?? 1) * callsOf(step.each)),
    0,
  );

/** The innermost of the loops in which most of the calls are made. */
function longestLoop(steps: readonly PlanStep[]): string | undefined {
  const loops = steps.flatMap((step) => (step.is === "loop" ? [step] : []));
  const [longest] = loops.sort((a, b) => callsOf([b]) - callsOf([a]));
  return longest && (longestLoop(bodyOf(longest)) ?? longest.path);
}

/** Why a plan is more than is taken on, at the loop that makes it so. */
export function workProblem(steps: readonly PlanStep[]): GraphError | undefined {
  const calls = callsOf(steps);
  if (calls <= maxCalls) return undefined;
  const message = `It would call nodes ${calls.toPrecision(2)} times in a batch; at most ${maxCalls.toPrecision(1)} are taken on: shorten this loop or one around it`;
  return new GraphError(message, "schedule", longestLoop(steps));
}
