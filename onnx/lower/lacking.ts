/** What a graph has, lowered, that no kernel of WebGPU computes or one computes wrongly: said before a run, which would fail or be wrong. */
import type { OnnxGraph, OnnxModel, OnnxNode } from "../ir.ts";
import { innerGraphs } from "../rewrite/captures.ts";
import { Inference } from "../shapes/index.ts";
import { isStatic } from "../shapes/size.ts";

/** The first of them, in words; undefined where there is none. */
export function lackingOnWebGpu({ graph }: OnnxModel): string | undefined {
  return lackingIn(graph, new Inference(graph));
}

function lackingIn(graph: OnnxGraph, known: Inference): string | undefined {
  for (const node of graph.nodes) {
    const why = node.domain === "" ? whyNot[node.op]?.(node, known) : undefined;
    if (why !== undefined)
      return `WebGPU cannot compute node "${node.name}": ${node.op} ${why}; run it with --backend cpu`;
    for (const inner of innerGraphs(node)) {
      const lacking = lackingIn(inner, known.inside(inner));
      if (lacking !== undefined) return lacking;
    }
  }
  return undefined;
}

const whyNot: Readonly<Record<string, (node: OnnxNode, known: Inference) => string | undefined>> = {
  Resize: ({ inputs: [x], attributes }, known) =>
    attributes.antialias === 1 && !known.constant(x)
      ? "antialiases to or from sides that its file leaves open"
      : undefined,
  Slice({ inputs: [x, , , axes = "", steps = ""] }, known) {
    // Whole numbers of 64 bits are the processor's.
    if (steps === "" || known.constant(x) || known.facts(x)?.type === "int64") return undefined;
    const by = numbersOf(steps, known);
    if (!by) return "goes by steps that are computed";
    const isBackwards = by.some((step) => step < 0);
    return isBackwards && axes !== "" && !numbersOf(axes, known)
      ? "goes backwards along axes that are computed"
      : undefined;
  },
  Conv: ({ inputs: [x, w], attributes: { group = 1 } }, known) =>
    Number(group) > 1 && isOfVolumes(x, w, known) ? "is of volumes, in more than 64 groups" : undefined,
  ConvTranspose: ({ inputs: [x, w] }, known) =>
    isOfVolumes(x, w, known) ? "is of volumes, in a form that is not rewritten" : undefined,
};

function numbersOf(value: string, known: Inference): readonly number[] | undefined {
  const values = known.facts(value)?.values;
  return isStatic(values) ? values : undefined;
}

const isOfVolumes = (x: string, w: string, known: Inference): boolean =>
  (known.facts(w)?.dims ?? known.facts(x)?.dims)?.length === 5;
