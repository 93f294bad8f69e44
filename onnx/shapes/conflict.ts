/** Sizes that cannot go together, whatever the named ones are: inference goes on, a runtime stops there. */
import { type Dim, isGraph, type OnnxGraph, type OnnxNode } from "../ir.ts";
import type { Facts } from "./facts.ts";
import { Inference } from "./infer.ts";
import { isBroadcast } from "./rules/elementwise.ts";

export interface Conflict {
  readonly node: string;
  readonly dims: readonly (readonly Dim[])[];
}

/** The first in the order of its nodes. */
export function conflictIn(graph: OnnxGraph): Conflict | undefined {
  return walk(graph.nodes, new Inference({ ...graph, nodes: [] }));
}

function walk(nodes: readonly OnnxNode[], known: Inference): Conflict | undefined {
  for (const node of nodes) {
    const x = node.inputs.map((input) => known.facts(input));
    const isOdd = node.domain === "" && (isBroadcast(node.op) ? isUneven : conflicts[node.op])?.(x, node);
    if (isOdd) return { node: node.name, dims: x.flatMap((facts) => (facts?.dims ? [facts.dims] : [])) };
    for (const inner of Object.values(node.attributes)) {
      const found = isGraph(inner) ? walk(inner.nodes, known.inside({ ...inner, nodes: [] })) : undefined;
      if (found) return found;
    }
    known.addNode(node);
  }
  return undefined;
}

type Given = readonly (Facts | undefined)[];

/** Whether two operands differ along an axis, counted from the last, and neither is 1 there. */
function isUneven(x: Given): boolean {
  const shapes = x.flatMap((facts) => (facts?.dims ? [facts.dims] : []));
  const rank = Math.max(0, ...shapes.map(({ length }) => length));
  return Array.from({ length: rank }, (_, axis) => shapes.map((dims) => dims.at(-1 - axis))).some(
    (along) => new Set(along.filter((dim) => typeof dim === "number" && dim !== 1)).size > 1,
  );
}

const differ = (a: Dim | undefined, b: Dim | undefined): boolean =>
  typeof a === "number" && typeof b === "number" && a !== b;

const conflicts: Readonly<Record<string, (x: Given, node: OnnxNode) => boolean>> = {
  Conv: ([x, w], { attributes: { group = 1 } }) => {
    const channels = w?.dims?.[1];
    return differ(x?.dims?.[1], typeof channels === "number" ? channels * Number(group) : undefined);
  },
  MatMul: ([a, b]) => (b?.dims?.length ?? 0) > 1 && differ(a?.dims?.at(-1), b!.dims!.at(-2)),
  Gemm: ([a, b], { attributes: { transA = 0, transB = 0 } }) =>
    differ(a?.dims?.[Number(transA) ? 0 : 1], b?.dims?.[Number(transB) ? 1 : 0]),
  Concat: (x, { attributes: { axis } }) => {
    const shapes = x.flatMap((facts) => (facts?.dims ? [facts.dims] : []));
    const [first = []] = shapes;
    const along = Number(axis) < 0 ? Number(axis) + first.length : Number(axis);
    return shapes.some((dims) => first.some((dim, i) => i !== along && differ(dim, dims[i])));
  },
};
