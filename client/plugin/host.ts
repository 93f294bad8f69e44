/** What the plugin uses of a litegraph host, as litegraph.js 0.7 has it. Structural: the host hands in its own classes. */

/** What a page hands in. The typings that litegraph.js ships with keep to themselves much of what every host has. */
export interface LiteGraphOfPage {
  registerNodeType(type: string, node: unknown): void;
}
export interface GraphOfPage {
  serialize(): object;
  configure(data: object): unknown;
}

export interface LiteGraphHost extends LiteGraphOfPage {
  readonly LGraph: new () => HostGraph;
  readonly LGraphNode: new (title?: string) => HostNode;
  readonly LGraphCanvas: { readonly link_type_colors: Record<string, string> };
  readonly registered_node_types: Readonly<Record<string, unknown>>;
  readonly BOX_SHAPE: number;
  readonly ARROW_SHAPE: number;
  readonly GRID_SHAPE: number;
  readonly NO_TITLE: number;
  readonly NODE_TITLE_HEIGHT: number;
  readonly NODE_DEFAULT_BOXCOLOR: string;
}

export interface HostGraph extends GraphOfPage {
  _nodes: HostNode[];
  links: Record<number, HostLink | undefined>;
  extra?: { guidegraph?: { format: number; versions?: Record<string, number> } };
  /** The node that holds it; litegraph calls a node of an open subgraph's panel by this name. */
  _subgraph_node?: HostNode;
  _is_subgraph?: boolean;
  add(node: HostNode): void;
  remove(node: HostNode): void;
  getNodeById(id: number): HostNode | null | undefined;
  setDirtyCanvas(front: boolean, back?: boolean): void;
}

export interface HostLink {
  id: number;
  type: string | number;
  color?: string;
  origin_id: number;
  origin_slot: number;
  target_id: number;
  target_slot: number;
}

export interface HostSlot {
  name: string;
  type: string | number;
  label?: string;
  link?: number | null;
  links?: number[] | null;
  shape?: number | undefined;
  color_on?: string;
  color_off?: string;
  /** In its menu: "Rename Slot" is not offered, "Remove Slot" is. */
  nameLocked?: boolean;
  removable?: boolean;
  not_subgraph_input?: boolean;
}

export interface HostWidget {
  type: string;
  name: string;
  value: unknown;
  options: Record<string, unknown>;
  // A widget that litegraph does not draw itself.
  computeSize?(width: number): [number, number];
  draw?(ctx: CanvasRenderingContext2D, node: HostNode, width: number, y: number): void;
}

export interface HostNode {
  id: number;
  type: string;
  title: string;
  mode: number;
  graph: HostGraph | null;
  pos: ArrayLike<number>;
  size: ArrayLike<number>;
  flags: { collapsed?: boolean; pinned?: boolean };
  properties: Record<string, unknown>;
  inputs: HostSlot[];
  outputs: HostSlot[];
  widgets?: HostWidget[];
  boxcolor?: string;
  has_errors?: boolean;
  _collapsed_width?: number;
  configure(info: object): void;
  serialize(): object;
  computeSize(out?: Float32Array): ArrayLike<number>;
  setSize(size: ArrayLike<number>): void;
  setProperty(name: string, value: unknown): void;
  disconnectInput(slot: number): unknown;
  disconnectOutput(slot: number): unknown;
  setDirtyCanvas(front: boolean, back?: boolean): void;
}

/** What litegraph passes to a node that draws or is clicked. */
export interface HostCanvas {
  readonly ds: { readonly scale: number };
  openSubgraph(graph: HostGraph): void;
  showShowNodePanel(node: HostNode): void;
  prompt(title: string, value: unknown, done: (value: string) => void, event: unknown, multiline: boolean): void;
}

/** litegraph's panel at the side. */
export interface HostPanel {
  addHTML(html: string): unknown;
}

/** An entry of a node's context menu; null is a line. */
export type MenuEntry = { content: string; callback: () => void } | null;
