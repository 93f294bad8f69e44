/**
 * What feeds an input, once subgraphs and bypassed nodes are looked through. The way is followed in a loop, not by
 * recursion: a chain of ten thousand bypassed nodes is a long way and nothing more.
 */
import { borderName, graphSlot, isBypassed, isMuted, own } from "../graphs/document/index.ts";
import { GraphError, isStructure, type Structure, traitsOf } from "../nodes/index.ts";
import { madeAs, takenAs } from "./meant.ts";
import {
  isDifferentiate,
  isGraphInput,
  isGraphOutput,
  isLoop,
  isReroute,
  isSubgraph,
  named,
  noOutput,
  type Placed,
  unknownType,
} from "./scope.ts";
import type { Source } from "./types.ts";

/** A node or loop that runs, a constant, what the loop `by` supplies, or nothing. */
export type Feed = (
  | { readonly is: "output"; readonly of: Placed; readonly output: string }
  | { readonly is: "value"; readonly value: unknown; readonly at: Placed; readonly port: string }
  | { readonly is: "given"; readonly by: Placed; readonly name: string }
  | Nothing
) & {
  /** Each Differentiate as whose variable it came here. */
  readonly through?: readonly Placed[];
};

/** `broken`: not merely absent, so that even an optional input cannot go without. */
export interface Nothing {
  readonly is: "nothing";
  readonly broken: boolean;
  /** Made when somebody asks: most inputs that nothing feeds are optional. */
  error(): GraphError;
}

/** Follows the wire that enters input `port` of `at`. Where it ends at nothing, the outermost value set on the way counts. */
export function feedOf(at: Placed, port: string): Feed {
  const seen = new Set<string>();
  const way: Placed[] = [];
  const through: Placed[] = [];
  const come = (feed: Feed): Feed => (through.length > 0 ? { ...feed, through } : feed);
  let set: Feed | undefined;
  for (;;) {
    const value = Object.hasOwn(at.node.properties, port)
      ? at.node.properties[port]
      : at.inputs.get(port)?.parameter?.default;
    if (value !== undefined && isPlainKind(at, port)) set = { is: "value", value, at, port };
    const from = originOf(at, port);
    if (!from) return come(set ?? nothing(unwired(at, port), at, port));
    const next = beyond(from.origin, from.output);
    if (next instanceof GraphError) return broken(next);
    if (typeof next === "string") return come(set ?? nothing(next, at, port));
    if ("is" in next) return come(next);
    way.push(from.origin);
    ({ at, port } = next);
    if (isVariable(way[way.length - 1], at, port)) through.push(at);
    if (seen.has(`${at.path} ${port}`)) return broken(cycleError(way));
    seen.add(`${at.path} ${port}`);
  }
}

/** What comes out of an output, seen from any wire that leaves it. */
export function feedFrom(origin: Placed, output: string): Feed {
  const next = beyond(origin, output);
  if (next instanceof GraphError) return broken(next);
  if (typeof next === "string") return nothing(next, origin, output);
  return "is" in next ? next : feedOf(next.at, next.port);
}

/** The feed in a plan's words. */
export function sourceOf(feed: Feed): Source | undefined {
  if (feed.is === "output") return { from: feed.of.path, output: feed.output };
  if (feed.is === "value") {
    const { value, at, port } = feed;
    return typeof value === "number" ? { value, typed: { path: at.path, title: at.title, port } } : { value };
  }
  return feed.is === "given" ? { given: feed.name, by: feed.by.path } : undefined;
}

/** Constants travel only as number, text and boolean; a stray property named like a tensor is none. */
const isPlainKind = (at: Placed, port: string): boolean => traitsOf(at.inputs.get(port)?.kind ?? "")?.plain === true;

const unwired = (at: Placed, port: string): string =>
  isGraphOutput(at)
    ? "Nothing is wired to this output of the graph"
    : `${at.title} needs "${port}": nothing is wired to it`;

const nothing = (message: string, at: Placed, port: string): Nothing => ({
  is: "nothing",
  broken: false,
  error: () => new GraphError(message, isGraphOutput(at) || isGraphInput(at) ? borderName(at.node) : port, at.path),
});

const broken = (error: GraphError): Nothing => ({ is: "nothing", broken: true, error: () => error });

function originOf(at: Placed, port: string): { origin: Placed; output: string } | undefined {
  const slot = isGraphOutput(at) ? (at.node.inputs[0]?.name ?? graphSlot) : port;
  const link = at.scope.wires.get(`${at.node.id} ${slot}`);
  const origin = link && at.scope.nodes.get(link.from);
  return origin && { origin, output: link.output };
}

type Beyond = Feed | { readonly at: Placed; readonly port: string } | string | GraphError;

/** What lies beyond an output: an end, another input, the reason why there is nothing, or what is wrong. */
function beyond(origin: Placed, output: string): Beyond {
  if (isMuted(origin.node)) return `It is fed by ${named(origin)}, which is muted`;
  if (!origin.entry) return unknownType(origin);
  if (isReroute(origin)) return new GraphError(`${named(origin)} is fed by itself`, undefined, origin.path);
  if (isBypassed(origin.node)) return aroundBypassed(origin, output);
  if (isGraphInput(origin)) {
    const { outer } = origin.scope;
    const name = borderName(origin.node);
    if (!outer) return `Nothing feeds the graph's own input "${name}"`;
    return isLoop(outer) && isGiven(outer, name) ? { is: "given", by: outer, name } : { at: outer, port: name };
  }
  if (!origin.outputs.has(output)) return noOutput(origin, output);
  const inner = isSubgraph(origin) || isDifferentiate(origin) ? origin.inner?.outputs.get(output) : undefined;
  if (!inner) return { is: "output", of: origin, output };
  return isMuted(inner.node) ? `It is fed by ${named(inner)}, which is muted` : { at: inner, port: graphSlot };
}

/** Whether what leads out of a Differentiate's graph there is the input by which it differentiates. */
const isVariable = (from: Placed, at: Placed, port: string): boolean =>
  isGraphInput(from) && isDifferentiate(at) && port === parameterOf(at, "by");

/** A parameter that is set on a Differentiate; a wire to it is a problem of its own. */
export const parameterOf = ({ node, inputs }: Placed, name: "of" | "by"): string =>
  String(own(node.properties, name) ?? inputs.get(name)?.parameter?.default);

/**
 * A bypassed node gives each output the first input of its kind, and of its meaning where it has one: what enters is no gradient of
 * itself, no picture that is predicted of it, and no loss. One that holds a graph gives first what enters under the same name.
 */
function aroundBypassed(origin: Placed, output: string): Beyond {
  const { kind } = origin.outputs.get(output) ?? {};
  const alike = [...origin.inputs].filter(([, port]) => port.kind === kind).map(([name]) => name);
  if (origin.inner && alike.includes(output)) return { at: origin, port: output };
  const { meaning, own: isOwn } = madeAs(origin, output) ?? {};
  const first = alike.find((name) => !isOwn && (meaning === undefined || takenAs(origin, name) === meaning));
  if (first !== undefined) return { at: origin, port: first };
  const why = alike.length > 0 ? `: what enters it is no “${output}”` : ` and has no input of kind ${kind}`;
  return `It is fed by ${named(origin)}, which is bypassed${why}`;
}

/** The step, or a value that goes from one step to the next: an inner output named like an inner input. */
function isGiven(loop: Placed, name: string): boolean {
  const { entry, inner } = loop;
  const gives = entry && isStructure(entry) ? (entry as Structure).gives : {};
  return own(gives, name) !== undefined || (inner?.outputs.has(name) ?? false);
}

/** Names the nodes of a cycle in its order; the middle of a long one is counted. */
export function cycleError(cycle: readonly Placed[]): GraphError {
  const titles = cycle.map(named);
  const shown =
    titles.length > 8 ? [...titles.slice(0, 4), `… ${titles.length - 7} more …`, ...titles.slice(-3)] : titles;
  return new GraphError(`A cycle: ${[...shown, titles[0]].join(" → ")}`, undefined, cycle[0].path);
}
