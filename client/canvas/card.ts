/** A node on the canvas: litegraph's node with what a card needs to be measured, drawn and hit. */
import { LGraphNode, LiteGraph } from "litegraph.js/build/litegraph.core.js";
import type { GraphNode } from "../../graphs/document/index.ts";
import type { Point } from "../edit/graph.ts";
import { rerouteSize } from "../edit/reroute.ts";
import type { CardLook, NoteLook } from "./card-look.ts";
import type { Givens } from "./givens.ts";
import { wrapped } from "./text.ts";
import type { Box } from "./view.ts";

export const headHeight = 28;
export const slotHeight = 20;
const rowHeight = 24;
export const grid = 8;
export const snapped = (value: number): number => Math.round(value / grid) * grid;
/** Between the head and the first slot, and below the last row. */
export const padding = 6;
export const inset = 10;

LiteGraph.NODE_TITLE_HEIGHT = headHeight;
LiteGraph.NODE_SLOT_HEIGHT = slotHeight;
LiteGraph.CANVAS_GRID_SIZE = grid;

export class Card extends LGraphNode {
  /** A note's text as it is laid out. */
  lines: readonly string[] = [];

  constructor(
    readonly node: GraphNode,
    readonly givens: Givens,
    readonly look: CardLook,
  ) {
    super();
  }

  /** What lies above `pos`: the head, which notes and reroutes do not have. */
  get head(): number {
    return this.look.form === "node" || this.flags.collapsed ? headHeight : 0;
  }
  get width(): number {
    return this.flags.collapsed ? (this._collapsed_width ?? this.size[0]) : this.size[0];
  }
  /** Its outline on the canvas, head included. */
  get box(): Box {
    const [x, y] = this.pos;
    return [x, y - this.head, this.width, this.head + (this.flags.collapsed ? 0 : this.size[1])];
  }
  /** Of that outline, what is looked at or turned: a text, parameters, a picture. */
  get body(): Box | undefined {
    const { note, rows, shows } = this.look;
    if (this.flags.collapsed || (rows.length === 0 && !shows && !note)) return undefined;
    const top = note ? 0 : this.rowsTop;
    return [this.pos[0], this.pos[1] + top, this.size[0], this.size[1] - top];
  }
  override getBounding(out = new Float32Array(4)): Float32Array {
    const [x, y, width, height] = this.box;
    out.set([x - 6, y - 6, width + 12, height + 14]);
    return out;
  }
  override isPointInside(x: number, y: number, margin = 0): boolean {
    const [left, top, width, height] = this.box;
    return x > left - 4 - margin && x < left + width + 4 + margin && y > top - margin && y < top + height + margin;
  }

  /** Slots stand on the edge of the card; those of a collapsed one in the middle of its head. */
  override getConnectionPos(isInput: boolean, slot: number, out = new Float32Array(2)): Float32Array {
    const [x, y] = this.pos;
    out[0] = isInput ? x : x + this.width;
    if (this.look.form === "reroute") out[1] = y + this.size[1] / 2;
    else out[1] = this.flags.collapsed ? y - headHeight / 2 : y + padding + (slot + 0.5) * slotHeight;
    return out;
  }

  slotPlace(side: "input" | "output", index: number): Point {
    const [x, y] = this.getConnectionPos(side === "input", index);
    return [x, y];
  }

  get slotRows(): number {
    return Math.max(this.look.inputs.length, this.look.outputs.length);
  }
  get rowsTop(): number {
    return padding + this.slotRows * slotHeight + (this.slotRows > 0 && this.look.rows.length > 0 ? 2 : 0);
  }
  get captionTop(): number {
    return this.rowsTop + this.look.rows.length * rowHeight;
  }
  get pictureTop(): number {
    return this.captionTop + (this.look.caption ? 18 : 0) + 4;
  }
  get pictureSize(): number {
    return this.size[0] - 2 * inset;
  }
  /** The field of a parameter, in the card's own coordinates. */
  field(row: number): [x: number, y: number, width: number, height: number] {
    return [inset, this.rowsTop + row * rowHeight + 2, this.size[0] - 2 * inset, 20];
  }
  rowAt(x: number, y: number): number {
    const row = Math.floor((y - this.rowsTop) / rowHeight);
    return x >= inset && x <= this.size[0] - inset && row >= 0 && row < this.look.rows.length ? row : -1;
  }
}

/** Width and height by what is in it. `measure` is the width of a text in a font. */
export function sizeCard(card: Card, measure: (text: string, font: string) => number): void {
  const { form, title, inputs, outputs, rows, caption, shows, opens, note } = card.look;
  if (form === "reroute") {
    [card.size[0], card.size[1]] = rerouteSize;
    return;
  }
  const slots = Array.from({ length: card.slotRows }, (_, i) => {
    const text = `${inputs[i]?.name ?? ""}${outputs[i]?.name ?? ""}`;
    return measure(text, fonts.slot) + 28 + (inputs[i] && outputs[i] ? 20 : 0);
  });
  const fields = rows.map(
    ({ name, shown }) => measure(name, fonts.slot) + Math.min(150, measure(shown, fonts.mono)) + 64,
  );
  const head = measure(title, fonts.title) + 36 + (opens ? 24 + 38 : 0) + 30;
  const line = caption ? Math.min(measure(caption, fonts.small) + 24, 232) : 0;
  const wide = Math.max(head, line, ...slots, ...fields, shows ? 184 : 112);
  card.size[0] = Math.min(256, Math.ceil(wide / grid) * grid);
  const bottom = shows ? card.pictureTop + card.pictureSize + inset : card.captionTop + (caption ? 20 : 0) + padding;
  card.size[1] = Math.max(16, Math.ceil(bottom));
  card._collapsed_width = Math.min(256, Math.ceil(head / grid) * grid);
  if (!note) return;
  card.lines = wrapped(note.text, note.width - notePadding.left - notePadding.right, (part) =>
    measure(part, fonts.text),
  );
  card.size[0] = note.width;
  card.size[1] = noteTextTop(note) + Math.max(1, card.lines.length) * lineHeight + notePadding.bottom;
}

export const lineHeight = 20;
export const notePadding = { left: 16, right: 12, top: 10, bottom: 10 } as const;
/** Where its text begins: below its heading, if it has one. */
export const noteTextTop = ({ heading }: NoteLook): number => notePadding.top + (heading === undefined ? 0 : 24);

export const fonts = {
  title: '600 13px "Inter Variable"',
  text: '400 13px "Inter Variable"',
  slot: '400 12px "Inter Variable"',
  small: '400 11px "Inter Variable"',
  value: '500 12px "Inter Variable"',
  mono: '500 12px "JetBrains Mono Variable"',
} as const;
