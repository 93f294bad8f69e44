/** litegraph's core build in Node, with our nodes: what of it needs no page. */
import type { GuideNode } from "../../../client/plugin/guide-node.ts";
import type { GraphOfPage, HostGraph, HostNode, LiteGraphHost, LiteGraphOfPage } from "../../../client/plugin/host.ts";
import { register } from "../../../client/plugin/register.ts";
import { ownLiteGraph } from "../../support/litegraph-core.ts";

export interface CoreHost extends LiteGraphHost {
  createNode(type: string): GuideNode | null;
}
/** What tests call of litegraph beside what the plugin uses. */
export type CoreNode = GuideNode & {
  connect(output: number | string, to: HostNode, input: number | string): object | null;
  addInput(name: string, type: string): void;
  addOutput(name: string, type: string): void;
  removeInput(slot: number): void;
  findInputSlot(name: string): number;
  findOutputSlot(name: string): number;
  clone(): CoreNode;
};

export const { LiteGraph, LGraph } = ownLiteGraph<{
  LiteGraph: CoreHost;
  LGraph: new () => HostGraph;
}>();
register(LiteGraph);

/** A node of ours in a graph. */
export function added(graph: HostGraph, type: string): CoreNode {
  const node = LiteGraph.createNode(`guidegraph/${type}`) as CoreNode;
  graph.add(node);
  return node;
}

/** That the typings which litegraph.js ships with fit what a page hands in: compiled, never called. */
export const fitting = (page: typeof import("litegraph.js")): [LiteGraphOfPage, GraphOfPage] => [
  page.LiteGraph,
  new page.LGraph(),
];
