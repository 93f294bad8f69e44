/** Reroutes take the kind of what passes through them. */
import { structures, withRerouteKinds } from "../../graphs/document/index.ts";
import { isGuideNode } from "./guide-node.ts";
import type { HostGraph, HostNode } from "./host.ts";
import { seenGraph } from "./seen.ts";

export function touchesReroute(node: HostNode): boolean {
  if (node.type === structures.reroute) return true;
  const { graph } = node;
  const ids = [...node.inputs.map(({ link }) => link), ...node.outputs.flatMap(({ links }) => links ?? [])];
  return ids.some((id) => {
    const link = id == null ? undefined : graph?.links[id];
    return (
      link !== undefined &&
      [link.origin_id, link.target_id].some((end) => graph?.getNodeById(end)?.type === structures.reroute)
    );
  });
}

export function refreshReroutes(graph: HostGraph): void {
  for (const { id, type, inputs } of withRerouteKinds(seenGraph(graph)).nodes) {
    const node = type === structures.reroute ? graph.getNodeById(id) : undefined;
    const kind = inputs[0]?.type;
    if (!node || kind === undefined || node.inputs[0]?.type === kind) continue;
    for (const slot of [...node.inputs, ...node.outputs]) slot.type = kind;
    if (isGuideNode(node)) node.follow();
  }
}
