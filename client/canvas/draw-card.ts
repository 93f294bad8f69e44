/** Paints a card: litegraph calls this for each node in sight, already moved to the node's origin (below its head). */
import { hueOf, type KindLook, lookOf, shapePath } from "../look/kinds.ts";
import { mix, type Palette, type Theme } from "../look/theme.ts";
import { type Card, fonts, headHeight, inset, padding, slotHeight } from "./card.ts";
import { drawRows } from "./draw-rows.ts";
import { clipped } from "./text.ts";

export interface Pen {
  readonly ctx: CanvasRenderingContext2D;
  readonly palette: Palette;
  readonly theme: Theme;
  /** Screen pixels per canvas pixel. */
  readonly scale: number;
}

export interface CardMood {
  readonly selected: boolean;
  /** While a wire is held: what does not fit fades. */
  readonly dimmed: boolean;
  /** Slots that the held wire fits. */
  readonly glowing: ReadonlySet<string>;
}

const radius = 9;
const shapes = new Map<string, Path2D>();
const shapeOf = ({ shape }: KindLook): Path2D => {
  const known = shapes.get(shape) ?? shapePath(shape);
  shapes.set(shape, known);
  return known;
};

export function drawCard(pen: Pen, card: Card, mood: CardMood): void {
  const { ctx, scale } = pen;
  const { collapsed } = card.flags;
  const width = collapsed ? (card._collapsed_width ?? card.size[0]) : card.size[0];
  const height = headHeight + (collapsed ? 0 : card.size[1]);
  ctx.globalAlpha = mood.dimmed ? 0.58 : 1;
  drawBody(pen, card, mood, width, height);
  drawHead(pen, card, width);
  if (collapsed) drawStubs(pen, card, width);
  else {
    if (scale >= 0.55) {
      drawSlotNames(pen, card, mood);
      drawRows(pen, card);
      drawCaption(pen, card);
    }
    if (card.look.shows) drawPicture(pen, card);
    drawSlots(pen, card, mood);
  }
  ctx.globalAlpha = 1;
}

function drawBody({ ctx, palette, theme, scale }: Pen, card: Card, mood: CardMood, width: number, height: number): void {
  const { look, status } = card;
  const failed = status.state === "failed";
  const off = look.mode === 2 || look.mode === 4;
  const alpha = ctx.globalAlpha;
  if (off) ctx.globalAlpha = alpha * 0.62;
  const body = new Path2D();
  body.roundRect(0, -headHeight, width, height, radius);
  if (scale >= 0.32 && !off) {
    ctx.shadowColor = failed ? palette.bad : status.state === "running" ? palette.accent : palette.shadow;
    ctx.shadowBlur = (failed || status.state === "running" ? 14 : 12) * scale * devicePixelRatio;
    ctx.shadowOffsetY = failed || status.state === "running" ? 0 : 3 * scale * devicePixelRatio;
  }
  ctx.fillStyle = palette.node;
  ctx.fill(body);
  ctx.shadowColor = "transparent";
  const head = new Path2D();
  head.roundRect(0, -headHeight, width, headHeight, card.flags.collapsed ? radius : [radius, radius, 0, 0]);
  const hue = hueOf(lookOf(look.kind, look.meaning), theme);
  ctx.fillStyle = failed ? palette.badSoft : mix(hue, palette.head, palette.tint);
  ctx.fill(head);
  if (off) hatch(ctx, body, palette.outline, width, height);
  ctx.globalAlpha = alpha;
  if (off || look.unknown) ctx.setLineDash([5, 4]);
  const strong = failed || status.state === "running";
  ctx.lineWidth = strong ? 2 : Math.max(1, 1 / scale);
  ctx.strokeStyle = failed || look.unknown ? palette.bad : strong ? palette.accent : palette.outline;
  ctx.stroke(body);
  ctx.setLineDash([]);
  if (status.progress && !card.flags.collapsed) {
    const { done, of } = status.progress;
    ctx.fillStyle = palette.accent;
    ctx.fillRect(1, -3, (width - 2) * Math.min(1, of > 0 ? done / of : 0), 3);
  }
  if (!mood.selected) return;
  const ring = new Path2D();
  ring.roundRect(-4, -headHeight - 4, width + 8, height + 8, radius + 4);
  ctx.lineWidth = Math.max(2, 2 / scale);
  ctx.strokeStyle = palette.text1;
  ctx.stroke(ring);
}

function hatch(ctx: CanvasRenderingContext2D, body: Path2D, colour: string, width: number, height: number): void {
  ctx.save();
  ctx.clip(body);
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (let x = -height; x < width; x += 10) {
    ctx.moveTo(x, height - headHeight);
    ctx.lineTo(x + height, -headHeight);
  }
  ctx.stroke();
  ctx.restore();
}

function drawHead(pen: Pen, card: Card, width: number): void {
  const { ctx, palette, theme, scale } = pen;
  const { look, status } = card;
  const middle = -headHeight / 2;
  const slot = lookOf(look.kind, look.meaning);
  let left = 10;
  if (scale >= 0.32) {
    ctx.save();
    ctx.translate(15, middle);
    drawShape(pen, slot, hueOf(slot, theme), mix(hueOf(slot, theme), palette.head, palette.tint));
    ctx.restore();
    left = 27;
  }
  let right = width - 10;
  if (look.opens && scale >= 0.32) {
    drawOpens(ctx, right - 9, middle, palette.text2);
    right -= 19;
  }
  // Titles stay 10 screen pixels high when one zooms out.
  const size = Math.max(13, Math.min(22, 10 / scale));
  ctx.textBaseline = "middle";
  ctx.font = `600 ${size}px "Inter Variable"`;
  const title = ctx.measureText(look.title).width;
  const [mark, word, colour] = stateWords(card, palette);
  ctx.font = fonts.small;
  const space = right - left - title - 8;
  const shown = ctx.measureText(`${mark} ${word}`).width <= space ? `${mark} ${word}`.trim() : mark;
  const stateWidth = shown ? ctx.measureText(shown).width + 8 : 0;
  if (shown && scale >= 0.32) {
    ctx.textAlign = "right";
    ctx.fillStyle = colour;
    ctx.fillText(shown, right, middle + 0.5);
  }
  ctx.textAlign = "left";
  ctx.font = `600 ${size}px "Inter Variable"`;
  ctx.fillStyle = status.state === "failed" ? palette.bad : palette.text1;
  ctx.fillText(clipped(ctx, look.title, right - left - stateWidth), left, middle + 0.5);
}

function stateWords({ look, status }: Card, palette: Palette): [mark: string, word: string, colour: string] {
  if (look.unknown) return ["", "unknown", palette.bad];
  if (look.mode === 2) return ["", "muted", palette.text2];
  if (look.mode === 4) return ["", "bypassed", palette.text2];
  const { state, word = "" } = status;
  if (state === "waiting") return ["", "waiting", palette.text2];
  if (state === "running") return ["", word || "running", palette.accent];
  if (state === "cached") return ["○", "cached", palette.text2];
  if (state === "done") return ["✓", word, palette.ok];
  return state === "failed" ? ["!", "failed", palette.bad] : ["", "", palette.text2];
}

function drawOpens(ctx: CanvasRenderingContext2D, x: number, y: number, colour: string): void {
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.4;
  ctx.beginPath();
  ctx.moveTo(x + 1, y - 5);
  ctx.lineTo(x + 5, y - 5);
  ctx.lineTo(x + 5, y - 1);
  ctx.moveTo(x + 5, y - 5);
  ctx.lineTo(x + 1, y - 1);
  ctx.moveTo(x - 1, y + 5);
  ctx.lineTo(x - 5, y + 5);
  ctx.lineTo(x - 5, y + 1);
  ctx.moveTo(x - 5, y + 5);
  ctx.lineTo(x - 1, y + 1);
  ctx.stroke();
}

/** A recipe is hollow: its inside is the ground it stands on. */
function drawShape({ ctx }: Pen, look: KindLook, hue: string, ground: string): void {
  const shape = shapeOf(look);
  ctx.fillStyle = look.recipe || look.shape === "ring" ? ground : hue;
  ctx.fill(shape);
  ctx.strokeStyle = hue;
  ctx.lineWidth = 1.8;
  ctx.stroke(shape);
  if (look.shape !== "ring") return;
  ctx.beginPath();
  ctx.arc(0, 0, 1.9, 0, 2 * Math.PI);
  ctx.fillStyle = hue;
  ctx.fill();
}

function drawSlots(pen: Pen, card: Card, mood: CardMood): void {
  const { ctx, palette, theme } = pen;
  for (const side of ["inputs", "outputs"] as const)
    for (const [i, slot] of card.look[side].entries()) {
      const look = lookOf(slot.kind, slot.meaning);
      const hue = hueOf(look, theme);
      const glowing = mood.glowing.has(`${side} ${slot.name}`);
      const isFault = card.status.state === "failed" && card.status.port === slot.name && side === "inputs";
      const alpha = ctx.globalAlpha;
      if (!slot.wired && side === "inputs" && !slot.missing && !glowing) ctx.globalAlpha = alpha * 0.75;
      ctx.save();
      ctx.translate(side === "inputs" ? 0 : card.size[0], padding + (i + 0.5) * slotHeight);
      if (glowing) {
        ctx.globalAlpha = 0.3;
        ctx.fillStyle = hue;
        ctx.beginPath();
        ctx.arc(0, 0, 11, 0, 2 * Math.PI);
        ctx.fill();
        ctx.globalAlpha = 1;
      }
      if (slot.missing || isFault) {
        ctx.strokeStyle = palette.bad;
        ctx.lineWidth = 1.6;
        ctx.beginPath();
        ctx.arc(0, 0, 9, 0, 2 * Math.PI);
        ctx.stroke();
      }
      drawShape(pen, look, hue, palette.node);
      ctx.restore();
      ctx.globalAlpha = alpha;
    }
}

function drawSlotNames({ ctx, palette }: Pen, card: Card, mood: CardMood): void {
  const { inputs, outputs } = card.look;
  ctx.font = fonts.slot;
  ctx.textBaseline = "middle";
  for (const [i, { name, wired }] of inputs.entries()) {
    const isFault = card.status.port === name && card.status.state === "failed";
    ctx.textAlign = "left";
    ctx.fillStyle = isFault ? palette.bad : wired || mood.glowing.has(`inputs ${name}`) ? palette.text2 : palette.text3;
    ctx.fillText(name, 12, padding + (i + 0.5) * slotHeight + 0.5);
  }
  ctx.textAlign = "right";
  ctx.fillStyle = palette.text2;
  for (const [i, { name }] of outputs.entries())
    ctx.fillText(name, card.size[0] - 12, padding + (i + 0.5) * slotHeight + 0.5);
  ctx.textAlign = "left";
}

function drawCaption({ ctx, palette }: Pen, card: Card): void {
  if (!card.look.caption) return;
  ctx.font = fonts.small;
  ctx.fillStyle = palette.text3;
  ctx.textBaseline = "middle";
  ctx.fillText(clipped(ctx, card.look.caption, card.size[0] - 2 * inset), inset, card.captionTop + 10);
}

function drawPicture({ ctx, palette, scale }: Pen, card: Card): void {
  const [x, y, size] = [inset, card.pictureTop, card.pictureSize];
  const { picture } = card;
  if (!picture) {
    ctx.fillStyle = palette.field;
    ctx.strokeStyle = palette.outline;
    ctx.lineWidth = 1;
    ctx.setLineDash([4, 4]);
    const frame = new Path2D();
    frame.roundRect(x, y, size, size, 4);
    ctx.fill(frame);
    ctx.stroke(frame);
    ctx.setLineDash([]);
    if (scale < 0.55) return;
    ctx.font = fonts.small;
    ctx.fillStyle = palette.text3;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    const { state } = card.status;
    const opens = card.look.opens ? "x₀ appears here as it forms" : "no picture yet";
    ctx.fillText(state === "waiting" ? "waiting" : opens, x + size / 2, y + size / 2);
    ctx.textAlign = "left";
    return;
  }
  const fit = Math.min(size / picture.width, size / picture.height);
  const [w, h] = [picture.width * fit, picture.height * fit];
  const alpha = ctx.globalAlpha;
  if (card.stale) ctx.globalAlpha = alpha * 0.45;
  ctx.imageSmoothingEnabled = false;
  ctx.drawImage(picture.image, x + (size - w) / 2, y + (size - h) / 2, w, h);
  ctx.globalAlpha = alpha;
  if (!card.pictureTag || scale < 0.55) return;
  ctx.font = fonts.small;
  const width = ctx.measureText(card.pictureTag).width + 12;
  ctx.fillStyle = "rgba(10,12,16,0.78)";
  ctx.beginPath();
  ctx.roundRect(x + 6, y + size - 24, Math.min(width, size - 12), 18, 4);
  ctx.fill();
  ctx.fillStyle = "#FFFFFF";
  ctx.textBaseline = "middle";
  ctx.fillText(clipped(ctx, card.pictureTag, size - 24), x + 12, y + size - 14.5);
}

function drawStubs({ ctx, palette }: Pen, card: Card, width: number): void {
  ctx.fillStyle = palette.control;
  for (const [x, slots] of [[-3, card.look.inputs], [width - 3, card.look.outputs]] as const)
    if (slots.length > 0) {
      ctx.beginPath();
      ctx.roundRect(x, -headHeight / 2 - 6, 6, 12, 2);
      ctx.fill();
    }
}
