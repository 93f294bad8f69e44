/** A graph that was read, with what its file says otherwise than we would write it on each of its parts. */
import { isObject, isSame, type Json, keptOf } from "./kept.ts";
import { mapInPieces, type Pieces } from "./pieces.ts";
import { isHostKey, plain } from "./plain.ts";
import type { Graph, GraphNode, Slot } from "./types.ts";
import { canonicalOf } from "./write.ts";

/** `raw` is what `graph` was read from, part by part in the same order; `entries` are the links of it that were resolved. */
export function* withRest(graph: Graph, raw: Json, entries: readonly unknown[]): Pieces<Graph> {
  const written = canonicalOf(graph);
  const rest = (one: Json, write: Json, except: ReadonlySet<string> = nothing) => {
    // Most parts are as we would write them: these are not copied.
    if (isAsWritten(one, write, except)) return undefined;
    const kept = keptOf(clean(one, except), write, except);
    return kept && { kept };
  };
  const slots = (list: readonly Slot[], raws: unknown, write: (slot: Slot) => Json): Slot[] =>
    list.map((slot, i) => {
      const one = (raws as readonly Json[])[i];
      const now = write(slot);
      return { ...slot, ...rest(one, now, linksElsewhere(one, now)) };
    });
  const nodeWith = (node: GraphNode, order: number): GraphNode => {
    const one = (raw.nodes as readonly Json[])[order];
    return {
      ...node,
      inputs: slots(node.inputs, one.inputs, written.input(node)),
      outputs: slots(node.outputs, one.outputs, written.output(node)),
      ...rest(one, written.node(node, order), listsOf(one, ["inputs", "outputs"], node.inner ? ["subgraph"] : [])),
    };
  };
  return {
    ...graph,
    nodes: yield* mapInPieces(graph.nodes, nodeWith),
    links: yield* mapInPieces(graph.links, (link, i) => ({
      ...link,
      ...rest(fieldsOf(entries[i]), written.link(link)),
    })),
    groups: graph.groups.map((group, i) => ({
      ...group,
      ...rest((raw.groups as readonly Json[])[i], written.group(group)),
    })),
    ...rest(raw, written.graph(), listsOf(raw, ["nodes", "links", "groups"])),
  };
}

const nothing: ReadonlySet<string> = new Set();

const isAsWritten = (raw: Json, written: Json, except: ReadonlySet<string>): boolean =>
  Object.keys(raw).every((key) => except.has(key) || isSame(raw[key], written[key])) &&
  Object.keys(written).every((key) => except.has(key) || written[key] === undefined || Object.hasOwn(raw, key));

/** Without what a host would take for its own; what is in it is data, whatever it is called. What is not compared is not copied. */
function clean(raw: Json, except: ReadonlySet<string>): Json {
  const safe: Record<string, unknown> = {};
  for (const key of Object.keys(raw)) if (!except.has(key) && !isHostKey(key)) safe[key] = plain(raw[key]);
  return safe;
}

/** Lists whose entries are kept one by one. */
const listsOf = (raw: Json, names: readonly string[], also: readonly string[] = []): ReadonlySet<string> =>
  new Set([...names.filter((name) => Array.isArray(raw[name])), ...also]);

/** A slot that names wires which do not hang on it would take those that get these ids; one that names too few is as it was. */
function linksElsewhere(raw: Json, written: Json): ReadonlySet<string> {
  const ids = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value ?? []].flat());
  const isElsewhere = (key: string) => ids(raw[key]).some((id) => !ids(written[key]).includes(id));
  return new Set(["link", "links"].filter(isElsewhere));
}

const names = ["id", "origin_id", "origin_slot", "target_id", "target_slot", "type"];

/** A list's further entries are called by their places; an object's keys come in their order only if they are no numbers. */
const fieldsOf = (entry: unknown): Json =>
  isObject(entry)
    ? entry
    : Object.fromEntries((entry as readonly unknown[]).map((value, i) => [names[i] ?? `_${i}`, value]));
