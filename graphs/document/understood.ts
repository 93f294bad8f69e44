import type { Kept } from "./kept.ts";
import type { Graph } from "./types.ts";

/** A document without what its file said otherwise: only what was understood, for a host that would take more at its word. */
export function understood({ kept: _, linkObjects: __, ...graph }: Graph): Graph {
  return {
    ...graph,
    nodes: graph.nodes.map(({ inner, ...node }) => ({
      ...bare(node),
      inputs: node.inputs.map(bare),
      outputs: node.outputs.map(bare),
      ...(inner && { inner: understood(inner) }),
    })),
    links: graph.links.map(bare),
    groups: graph.groups.map(bare),
  };
}

const bare = <T extends { readonly kept?: Kept }>({ kept: _, ...rest }: T): Omit<T, "kept"> => rest;
