/** Stock litegraph.js with classes for the types of a registry: what any host that loads the plugin has. */
import type { LGraph, LGraphNode, LiteGraph } from "litegraph.js";
import type { Registry } from "../../../nodes/index.ts";
import { ownLiteGraph } from "../../support/litegraph-core.ts";

interface Stock {
  readonly LiteGraph: typeof LiteGraph;
  readonly LGraph: typeof LGraph;
  readonly LGraphNode: typeof LGraphNode;
}

export const stock = ownLiteGraph<Stock>();

/** Nodes with a graph inside hold it as litegraph's own subgraph does: `configure` fills it, `serialize` adds it. */
export function register(registry: Registry): void {
  const { LiteGraph, LGraph, LGraphNode } = stock;
  for (const [type, { title }] of Object.entries(registry)) {
    class Node extends (LGraphNode as unknown as new () => LGraphNode & Record<string, unknown>) {
      static title = title;
      constructor() {
        super();
        this.properties = {};
        if (type === "guidegraph/subgraph" || type === "guidegraph/sampling-loop") this.subgraph = new LGraph();
      }
      override onSerialize(data: Record<string, unknown>): void {
        if (this.subgraph) data.subgraph = (this.subgraph as LGraph).serialize();
      }
    }
    LiteGraph.registerNodeType(type, Node as unknown as Parameters<typeof LiteGraph.registerNodeType>[1]);
  }
}

/** Opened in litegraph and saved from it again, as JSON text. */
export function throughLitegraph(json: object): string {
  const graph = new stock.LGraph();
  graph.configure(JSON.parse(JSON.stringify(json)));
  return JSON.stringify(graph.serialize());
}
