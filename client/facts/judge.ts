/** Whether a wire fits by what is known of both its ends: a plan with it must have no problem that one without it had not. */
import type { Problem } from "../../server/protocol.ts";
import { capital } from "../edit/fit.ts";

/** Where the wire would enter. */
export interface Target {
  readonly node: string;
  readonly port: string;
}

const placeOf = ({ node, port }: Problem) => `${node} ${port}`;

/** The first problem that the wire would bring. What was wrong at a place before may be told in other words after. */
export function broughtBy(before: readonly Problem[], after: readonly Problem[], target: Target): Problem | undefined {
  const isTarget = ({ node, port }: Problem) => node === target.node && port === target.port;
  const known = new Set(before.filter((problem) => !isTarget(problem)).map(placeOf));
  const told = new Set(before.map(({ node, port, message }) => `${node} ${port} ${message}`));
  const brought = after.filter(
    (problem) => !known.has(placeOf(problem)) && !told.has(`${problem.node} ${problem.port} ${problem.message}`),
  );
  return brought.find(isTarget) ?? brought[0];
}

/**
 * Two sentences: what does not fit, then what would. `phrase`: what the wire carries; `where`: what the node is called
 * in which the problem arises, if it is another.
 */
export function misfitWords(phrase: string, { port }: Target, problem: Problem, where: string | undefined): string {
  const first = `${capital(phrase)} does not fit “${port}”.`;
  if (where !== undefined) return `${first} ${where}: ${sentence(problem.message)}`;
  const colon = problem.message.indexOf(": ");
  const isSaid = problem.port === port && colon > 0;
  return `${first} ${sentence(isSaid ? problem.message.slice(colon + 2) : problem.message)}`;
}

const sentence = (text: string): string => `${capital(text)}${/[.!?]$/.test(text) ? "" : "."}`;
