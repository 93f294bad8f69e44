/** A note: a text on the canvas, without a frame, so that it is never taken for a node. */
import { type Card, fonts, lineHeight, notePadding, noteTextTop } from "../card.ts";
import { clipped } from "../text.ts";
import { drawPin } from "./draw-pin.ts";
import type { CardMood } from "./mood.ts";
import { drawRing, type Pen } from "./pen.ts";

const radius = 6;

export function drawNote(pen: Pen, card: Card, { selected }: CardMood): void {
  const { ctx, palette, scale } = pen;
  const [width, height] = card.size;
  const { note } = card.look;
  if (!note) return;
  const paper = new Path2D();
  paper.roundRect(0, 0, width, height, radius);
  ctx.fillStyle = palette.note;
  ctx.fill(paper);
  ctx.save();
  ctx.clip(paper);
  ctx.fillStyle = palette.noteEdge;
  ctx.fillRect(0, 0, 3, height);
  ctx.restore();
  if (selected) drawRing(pen, [0, 0, width, height], radius);
  if (scale < 0.4) return;
  if (card.look.pinned) drawPin(ctx, width - 10, 11, palette.text3);
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  if (note.heading !== undefined) {
    ctx.font = fonts.title;
    ctx.fillStyle = palette.text1;
    ctx.fillText(clipped(ctx, note.heading, width - notePadding.left - notePadding.right), notePadding.left, 20);
  }
  ctx.font = fonts.text;
  ctx.fillStyle = note.text === "" ? palette.text3 : palette.text1;
  const lines = note.text === "" ? ["Double-click to write"] : card.lines;
  for (const [i, line] of lines.entries())
    ctx.fillText(line, notePadding.left, noteTextTop(note) + (i + 0.5) * lineHeight + 0.5);
}
