/** The order in which a graph is read out: what feeds a node before it, else from left to right, then from above. */
import { type Graph, type GraphNode, groupBy } from "../../graphs/document/index.ts";

/** Of nodes in a circle, which no run would take, the first in sight comes first. */
export function readingOrder({ nodes, links }: Graph): GraphNode[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const entering = groupBy(links, ({ to }) => to);
  const inSight = (a: GraphNode, b: GraphNode) => a.pos[0] - b.pos[0] || a.pos[1] - b.pos[1];
  const read = new Set<GraphNode>();
  const begun = new Set<GraphNode>();
  const waiting = [...nodes].sort(inSight).reverse();
  // A node is met twice: when what feeds it is asked for, and when that has been read.
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (begun.has(node)) {
      read.add(node);
      continue;
    }
    begun.add(node);
    waiting.push(node);
    const feeders = (entering.get(node.id) ?? []).flatMap(({ from }) => byId.get(from) ?? []);
    waiting.push(
      ...feeders
        .filter((one) => !begun.has(one))
        .sort(inSight)
        .reverse(),
    );
  }
  return [...read];
}
