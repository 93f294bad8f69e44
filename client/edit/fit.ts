/** Whether a wire fits, and if not, why, in two sentences: what does not fit, then what would. */
import {
  anyKind,
  borderName,
  type Graph,
  type GraphNode,
  graphSlot,
  kindFits,
  offOf,
  own,
  portsOf,
  realReaders,
  straightened,
  structures,
} from "../../graphs/document/index.ts";
import type { NodeDescription } from "../../nodes/describe.ts";
import { kindName } from "../../nodes/kinds.ts";
import type { Catalogue } from "./catalogue.ts";
import { nodeOf } from "./graph.ts";
import { titleOf } from "./level.ts";
import type { LooseEnd } from "./wish.ts";

const withArticle = (kind: string) => `${/^[aeiou]/.test(kindName(kind)) ? "an" : "a"} ${kindName(kind)}`;
export const capital = (text: string) => text[0].toUpperCase() + text.slice(1);

const isAny = (kind: string): boolean => kind === "" || kind === "0" || kind === anyKind;

const fits = (output: string, input: string): boolean => isAny(output) || isAny(input) || kindFits(output, input);

/** Kinds of the slots a node shows now. */
export const kindOf = (node: GraphNode, side: "output" | "input", slot: string): string =>
  String((side === "input" ? node.inputs : node.outputs).find(({ name }) => name === slot)?.type ?? "");

/** The same, or that of a parameter which is no slot yet. */
const kindAt = ({ definitions }: Catalogue, node: GraphNode, side: "output" | "input", slot: string): string =>
  kindOf(node, side, slot) || (own(portsOf(node, definitions)?.[`${side}s`], slot)?.kind ?? "");

/** Undefined when the wire fits; otherwise the reason. A parameter that is no slot yet would become one. */
export function refusal(
  graph: Graph,
  catalogue: Catalogue,
  held: LooseEnd,
  target: number,
  slot: string,
): string | undefined {
  const node = nodeOf(graph, target);
  if (!node) return undefined;
  if (target === held.node) return "A node does not feed itself. Wire it to another node.";
  const side = held.side === "output" ? "input" : "output";
  const kind = kindAt(catalogue, node, side, slot);
  const sinks = realReaders(graph, side === "input" ? { node: target, slot } : held);
  for (const end of sinks) {
    const reader = nodeOf(graph, end.node) as GraphNode;
    const taken = kindAt(catalogue, reader, "input", end.slot);
    if (fits(side === "input" ? held.kind : kind, taken)) continue;
    return side === "input"
      ? misfit(catalogue, held, reader, end.slot, taken, end.node !== target)
      : misfit(catalogue, { ...held, kind: taken }, node, slot, kind);
  }
  const [source, sink] = held.side === "output" ? [held.node, target] : [target, held.node];
  if (reaches(graph, sink, source))
    return "This wire would close a circle. What goes round belongs into a Sampling Loop, which carries it from step to step.";
  return undefined;
}

/** What a person calls what is held: "gradient" rather than "tensor". */
export const heldName = ({ kind, meaning }: LooseEnd): string => (meaning === "gradient" ? meaning : kindName(kind));

/** A slot as its card names it. */
export const shownSlot = (node: GraphNode | undefined, slot: string): string =>
  node?.type === structures.input || node?.type === structures.output ? borderName(node) : slot;

/** `beyond`: the slot is not under the pointer but where a reroute leads. */
function misfit(
  catalogue: Catalogue,
  held: LooseEnd,
  node: GraphNode,
  slot: string,
  kind: string,
  beyond = false,
): string {
  const where = beyond ? ` of ${titleOf(node, catalogue)}, where this leads` : "";
  const what = `${capital(withArticle(heldName(held)))} does not fit “${shownSlot(node, slot)}”${where}.`;
  const others = (held.side === "output" ? node.inputs : node.outputs).filter(({ type }) =>
    fits(...((held.side === "output" ? [held.kind, String(type)] : [String(type), held.kind]) as [string, string])),
  );
  const makers = catalogue.nodes
    .filter(({ outputs }) => outputs.some((port) => port.kind === kind))
    .map(({ title }) => title);
  const takes =
    held.side === "output"
      ? `This input takes ${makers.length > 0 ? `what ${makers[0]} gives` : withArticle(kind)}.`
      : `This output gives ${withArticle(kind)}.`;
  const hint = others.length > 0 ? ` “${others[0].name}” would take it.` : "";
  return `${what} ${takes}${hint}`;
}

/** Whether something flows from one node to the other. */
function reaches(graph: Graph, from: number, to: number): boolean {
  const seen = new Set([from]);
  for (const id of seen) {
    if (id === to) return true;
    for (const link of graph.links) if (link.from === id) seen.add(link.to);
  }
  return false;
}

/** Where a wire dropped on the body of a node goes: the first free slot that fits, else the first that fits. */
export function bestSlot(graph: Graph, catalogue: Catalogue, held: LooseEnd, target: number): string | undefined {
  const node = nodeOf(graph, target);
  if (!node) return undefined;
  const slots = held.side === "output" ? node.inputs : node.outputs;
  const fitting = slots.filter(({ name }) => refusal(graph, catalogue, held, target, name) === undefined);
  const isFree = (name: string) => !graph.links.some((link) => link.to === target && link.input === name);
  return (fitting.find(({ name }) => held.side === "input" || isFree(name)) ?? fitting[0])?.name;
}

export interface Offer {
  readonly description: NodeDescription;
  /** The port it would be wired with. */
  readonly port: string;
}

/**
 * What a wire dropped in empty space may go to: first what is made for its meaning, then for its kind, then what takes any; of
 * these what makes it, or where it ends, before what only changes it. A reroute, which always fits, comes last.
 */
export function offers(catalogue: Catalogue, held: LooseEnd): Offer[] {
  const portsOf = (node: NodeDescription): readonly { name: string; kind: string; meaning?: string }[] => {
    if (node.type === structures.reroute) return [{ name: graphSlot, kind: held.kind }];
    return held.side === "output" ? node.inputs : node.outputs;
  };
  const found = catalogue.nodes.flatMap((description) => {
    const fitting = portsOf(description).filter(({ kind }) =>
      held.side === "output" ? fits(held.kind, kind) : fits(kind, held.kind),
    );
    const same = fitting.find(({ meaning }) => held.meaning !== undefined && meaning === held.meaning);
    const exact = fitting.find(({ kind }) => kind === held.kind);
    const port = same ?? exact ?? fitting[0];
    if (!port) return [];
    const rank = description.type === structures.reroute ? 6 : same ? 0 : exact ? 2 : 4;
    const later = onlyChanges(description, held) ? 1 : wantsMore(description) ? 0.5 : 0;
    return [{ description, port: port.name, rank: rank + later }];
  });
  return found.toSorted((a, b) => a.rank - b.rank);
}

/** A wire ends there, but something else must come too: another wire, or a file. */
const wantsMore = ({ inputs, outputs }: NodeDescription): boolean =>
  outputs.length === 0 &&
  (inputs.filter(({ optional, parameter }) => !optional && !parameter).length > 1 ||
    inputs.some(({ parameter }) => parameter?.file !== undefined));

/** It needs such a value to give one, or goes on from it with another. */
const onlyChanges = ({ inputs, outputs }: NodeDescription, { side, kind }: LooseEnd): boolean =>
  side === "input"
    ? inputs.some((port) => port.kind === kind && !port.optional && !port.parameter)
    : outputs.length > 0;

/** What can be put into a wire: it takes what passes there, and gives it on. */
export function insertable({ nodes }: Catalogue, graph: Graph, link: number): NodeDescription[] {
  const wire = graph.links.find(({ id }) => id === link);
  const from = wire && nodeOf(graph, wire.from);
  if (!wire || !from) return [...nodes];
  const kind = kindOf(from, "output", wire.output);
  return nodes.filter(
    ({ type, inputs, outputs }) =>
      type === structures.reroute ||
      (inputs.some((port) => !port.parameter && fits(kind, port.kind)) &&
        outputs.some((port) => fits(port.kind, kind))),
  );
}

/** The input or output of a graph, seen as the node that holds it, that takes what is held. */
export function borderThatFits(inner: Graph, held: LooseEnd): string | undefined {
  const type = held.side === "output" ? structures.input : structures.output;
  const borders = inner.nodes.filter((node) => node.type === type);
  const kind = (node: GraphNode) => String(own(node.properties, "kind") ?? "");
  const found = borders.find((node) => kind(node) === held.kind && borderName(node) === held.slot);
  return (found ?? borders.find((node) => kind(node) === held.kind))?.properties.name as string | undefined;
}

/** Required inputs that nothing feeds: what a run would complain about first. */
export function missingInputs(graph: Graph, node: GraphNode, catalogue: Catalogue): string[] {
  if (offOf(node) !== undefined) return [];
  const ports = portsOf(node, catalogue.definitions)?.inputs ?? {};
  const wired = new Set(
    straightened(graph)
      .filter(({ to }) => to === node.id)
      .map(({ input }) => input),
  );
  return Object.entries(ports).flatMap(([name, port]) =>
    port.optional || port.parameter || wired.has(name) ? [] : [name],
  );
}
