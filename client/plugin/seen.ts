/** A host's graph as graphs/document sees one: links by slot names. Only looked at, to ask for ports and kinds. */
import type { Graph, GraphLink, GraphNode } from "../../graphs/document/index.ts";
import type { HostGraph, HostNode, HostSlot } from "./host.ts";

export function seenNode(node: HostNode, inner: HostGraph | undefined): GraphNode {
  return {
    id: node.id,
    type: node.type,
    mode: (node.mode ?? 0) as GraphNode["mode"],
    properties: node.properties,
    inputs: (node.inputs ?? []).map(seenSlot),
    outputs: (node.outputs ?? []).map(seenSlot),
    ...(inner && { inner: seenGraph(inner) }),
    pos: [0, 0],
    size: [0, 0],
    look: {},
  };
}

const seenSlot = ({ name, type }: HostSlot) => ({ name, type });

export function seenGraph({ _nodes, links }: HostGraph): Graph {
  const byId = new Map(_nodes.map((node) => [node.id, node]));
  const seenLinks = Object.values(links).flatMap((link): GraphLink[] => {
    const output = link && byId.get(link.origin_id)?.outputs?.[link.origin_slot];
    const input = link && byId.get(link.target_id)?.inputs?.[link.target_slot];
    if (!output || !input) return [];
    return [{ id: link.id, from: link.origin_id, output: output.name, to: link.target_id, input: input.name }];
  });
  return {
    nodes: _nodes.map((node) => seenNode(node, innerOf(node))),
    links: seenLinks,
    groups: [],
    about: { versions: {} },
  };
}

/** The graph inside a node; a graph and not what a file calls `subgraph`. */
function innerOf(node: HostNode): HostGraph | undefined {
  const { subgraph } = node as { subgraph?: Partial<HostGraph> };
  return Array.isArray(subgraph?._nodes) ? (subgraph as HostGraph) : undefined;
}
