/** Whether a wire fits by what is known of both its ends: a plan with it must have no problem that one without it had not. */
import { type Graph, portsOf } from "../../graphs/document/index.ts";
import type { Problem } from "../../server/protocol.ts";
import type { Catalogue } from "../edit/catalogue.ts";
import { capital } from "../edit/fit.ts";
import { nodeOf } from "../edit/graph.ts";
import { graphAt } from "../edit/level.ts";

/** Where the wire would enter. */
export interface Target {
  readonly node: string;
  readonly port: string;
}

export const isAt = ({ node, port }: Problem, target: Target): boolean => node === target.node && port === target.port;

/** Whether a problem is of an input that takes a wire alone, and has none. */
export function isUnwired({ node: path = "", port }: Problem, document: Graph, { definitions }: Catalogue): boolean {
  const level = path.split("/").map(Number);
  const id = level.pop() ?? Number.NaN;
  const graph = graphAt(document, level);
  const node = graph && nodeOf(graph, id);
  const input = node && port !== undefined ? portsOf(node, definitions)?.inputs[port] : undefined;
  if (!graph || !input || input.parameter) return false;
  return !graph.links.some((link) => link.to === id && link.input === port);
}

const placeOf = ({ node, port }: Problem) => `${node} ${port}`;

/** The first problem that the wire would bring. What was wrong at a place before may be told in other words after. */
export function broughtBy(before: readonly Problem[], after: readonly Problem[], target: Target): Problem | undefined {
  const isTarget = (problem: Problem) => isAt(problem, target);
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
  const namesIt = where !== undefined && problem.message.startsWith(`“${where}”`);
  if (where !== undefined) return `${first} ${namesIt ? "" : `${where}: `}${sentence(problem.message)}`;
  const colon = problem.message.indexOf(": ");
  const isSaid = problem.port === port && colon > 0;
  return `${first} ${sentence(isSaid ? problem.message.slice(colon + 2) : problem.message)}`;
}

const sentence = (text: string): string => `${capital(text)}${/[.!?]$/.test(text) ? "" : "."}`;
