/** What we use of litegraph.js 0.7.18, as its core build has it; the typings it ships with describe another file. */
declare module "litegraph.js/build/litegraph.core.js" {
  export interface LSlot {
    name: string;
    type: string | number;
    link?: number | null;
    links?: number[] | null;
  }
  export class LLink {
    constructor(id: number, type: string | number, from: number, output: number, to: number, input: number);
    id: number;
    type: string | number;
    origin_id: number;
    origin_slot: number;
    target_id: number;
    target_slot: number;
  }
  export class LGraphNode {
    constructor(title?: string);
    id: number;
    title: string;
    pos: Float32Array;
    size: [number, number];
    flags: { collapsed?: boolean };
    inputs: LSlot[];
    outputs: LSlot[];
    _collapsed_width?: number;
    getBounding(out?: Float32Array, outer?: boolean): Float32Array;
    isPointInside(x: number, y: number, margin?: number): boolean;
    getConnectionPos(isInput: boolean, slot: number, out?: Float32Array): Float32Array;
  }
  export class LGraphGroup {
    color: string;
    constructor(title?: string);
    title: string;
    pos: Float32Array;
    size: Float32Array;
  }
  export class LGraph {
    _nodes: LGraphNode[];
    _groups: LGraphGroup[];
    links: Record<number, LLink>;
    add(node: LGraphNode | LGraphGroup, skipOrder?: boolean): void;
    getNodeById(id: number): LGraphNode | null;
    getNodeOnPos(x: number, y: number, nodes?: LGraphNode[], margin?: number): LGraphNode | null;
  }
  export const LiteGraph: {
    NODE_TITLE_HEIGHT: number;
    NODE_SLOT_HEIGHT: number;
    CANVAS_GRID_SIZE: number;
    LLink: typeof LLink;
  };
}
