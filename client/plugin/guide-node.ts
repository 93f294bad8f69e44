import type { CanvasNode } from "./canvas-node.ts";
import type { HostGraph, HostNode } from "./host.ts";

/** A node of ours in the host. */
export interface GuideNode extends CanvasNode {
  readonly subgraph?: HostGraph;
  /** Slots and widgets as its ports have them now; `cut`: wires of ports that are gone are gone too. */
  follow(cut?: boolean): void;
  /** Changes that are one: it follows when they are done. */
  quietly(change: () => void): void;
}

export const isGuideNode = (node: HostNode | undefined): node is GuideNode =>
  typeof (node as Partial<GuideNode> | undefined)?.follow === "function";
