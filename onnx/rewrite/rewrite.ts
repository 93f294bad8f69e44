/**
 * Puts other forms in the place of those that a table's rows describe, in one pass over a graph. A form that is replaced
 * may still be used elsewhere, so a row takes nothing away: it says which values have a new source, and what nobody needs
 * any more is dropped afterwards.
 */
import type { OnnxGraph, OnnxModel, OnnxNode } from "../ir.ts";
import type { AttributesOf, Operator } from "../operators.ts";
import type { Facts } from "../shapes/index.ts";
import type { Value } from "./builder.ts";
import { innerGraphs, renameUses, withInnerGraphs } from "./captures.ts";
import type { Draft } from "./draft.ts";
import { type Found, matches, matchesOf } from "./match.ts";
import { Pass } from "./pass.ts";
import type { Made } from "./pattern.ts";
import { prune } from "./prune.ts";
import type { Row, Rows, Sources, View } from "./row.ts";

interface Options {
  /** Begins the names of what is built. */
  readonly word: string;
  /** Whether inner graphs are rewritten too (default false). */
  readonly inner?: boolean;
}

export function rewrite(model: OnnxModel, rows: Rows, { word, inner = false }: Options): OnnxModel {
  const opset = model.opsets.get("") ?? 18;
  const rowsOf = (op: string): readonly Row[] => byOperator.get(op) ?? [];
  const byOperator = new Map<string, Row[]>();
  for (const one of Object.values(rows)) byOperator.set(one.pattern.operator, [...rowsOf(one.pattern.operator), one]);
  const rewritten = (graph: OnnxGraph, word: string, around?: Draft): OnnxGraph => {
    const pass = new Pass(graph, word, around);
    for (const original of graph.nodes) {
      const outer = renameUses(original, pass.source);
      // What is built inside hides nothing outside: it has the name of the node around it too.
      const inside = (graph: OnnxGraph) => rewritten(graph, `${word}/${outer.outputs[0]}`, pass.draft);
      const node = inner ? withInnerGraphs(outer, inside) : outer;
      if (!rowsOf(node.op).some((one) => apply(one, node, pass, opset))) pass.draft.push(node);
    }
    return prune(pass.draft.graph());
  };
  return withDomains({ ...model, graph: rewritten(model.graph, word) });
}

/** Puts what becomes of a node in its place; false where the row does not fit. */
function apply(row: Row, node: OnnxNode, pass: Pass, opset: number): boolean {
  for (const found of fits(row, node, pass)) {
    const view = viewOf(node, pass, opset);
    if (row.when && !row.when(found, view)) continue;
    const built = pass.draft.nodes.length;
    const sources = row.becomes(pass.draft.op, found, view);
    if (sources !== undefined && pass.give(node, byValue(node, found, sources), built)) return true;
  }
  return false;
}

/** Every way in which the row's forms are in the graph. */
function* fits({ pattern, beside = {}, again = {} }: Row, node: OnnxNode, pass: Pass): Generator<Found> {
  for (const found of matches(pattern, node, pass))
    for (const more of together(Object.entries(beside), pass, found, pass.stands))
      yield* together(Object.entries(again), pass, more, () => true);
}

function* together(
  forms: readonly (readonly [string, Made])[],
  pass: Pass,
  found: Found,
  isIn: (value: Value) => boolean,
): Generator<Found> {
  const [first, ...others] = forms;
  if (!first) yield found;
  else
    for (const { node, found: more } of matchesOf(first[1], pass, found))
      if (isIn(node.outputs[0])) yield* together(others, pass, { ...more, [first[0]]: node.outputs[0] }, isIn);
}

function byValue({ outputs }: OnnxNode, found: Found, sources: Sources): ReadonlyMap<Value, Value> {
  if (typeof sources === "string") return new Map([[outputs[0], sources]]);
  if (isList(sources)) return new Map(outputs.map((name, index) => [name, sources[index]]));
  return new Map(Object.entries(sources).map(([name, source]) => [found[name], source]));
}

const isList = (sources: Exclude<Sources, Value>): sources is readonly Value[] => Array.isArray(sources);

function viewOf(node: OnnxNode, pass: Pass, opset: number): View {
  const { draft } = pass;
  let isConsidered = false;
  const facts = (value: Value): Facts | undefined => {
    if (!isConsidered && node.outputs.includes(value)) draft.consider(node);
    isConsidered ||= node.outputs.includes(value);
    return draft.facts(value);
  };
  return {
    node,
    attrs: node.attributes,
    opset,
    shape: (value) => facts(value)?.dims,
    type: draft.type,
    knows: draft.knows,
    constant: draft.constant,
    numbers: draft.numbers,
    uses: (value) => pass.uses(value).length,
    attributesOf: <O extends Operator>(_: O, value: Value) => (pass.maker(value)?.attributes ?? {}) as AttributesOf<O>,
    find: (form, value, isWanted = () => true) => {
      const maker = pass.maker(value);
      return maker && [...matches(form, maker, pass)].find(isWanted);
    },
  };
}

/** Operators of onnxruntime's own need its domain among the opsets. */
function withDomains(model: OnnxModel): OnnxModel {
  const opsets = new Map(model.opsets);
  const see = ({ nodes }: OnnxGraph): void => {
    for (const node of nodes) {
      if (!opsets.has(node.domain)) opsets.set(node.domain, 1);
      innerGraphs(node).forEach(see);
    }
  };
  see(model.graph);
  return { ...model, opsets };
}
