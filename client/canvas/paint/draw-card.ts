/** Paints a card, on a pen that stands at the node's origin, below its head. */
import { hueOf, lookOf } from "../../look/kinds.ts";
import { mix, type Palette } from "../../look/theme.ts";
import { type Card, fonts, headHeight, inset } from "../card.ts";
import type { CardLook } from "../card-look.ts";
import type { Live } from "../live.ts";
import { clipped, widthOf } from "../text.ts";
import { drawNote } from "./draw-note.ts";
import { drawPicture } from "./draw-picture.ts";
import { drawPin } from "./draw-pin.ts";
import { drawReroute } from "./draw-reroute.ts";
import { drawRows } from "./draw-rows.ts";
import { drawShape, drawSlotNames, drawSlots } from "./draw-slots.ts";
import type { CardMood } from "./mood.ts";
import { drawRing, type Pen } from "./pen.ts";

const radius = 9;
export function drawCard(pen: Pen, card: Card, live: Live, mood: CardMood): void {
  const { ctx, scale } = pen;
  const { collapsed } = card.flags;
  const height = headHeight + (collapsed ? 0 : card.size[1]);
  ctx.globalAlpha = mood.dimmed ? 0.58 : 1;
  if (card.look.form === "reroute" || (card.look.form === "note" && !collapsed)) {
    (card.look.form === "note" ? drawNote : drawReroute)(pen, card, mood);
    ctx.globalAlpha = 1;
    return;
  }
  if (scale < 0.2) {
    drawFar(pen, card, live, mood, height);
    ctx.globalAlpha = 1;
    return;
  }
  drawBody(pen, card, live, mood, height);
  drawHead(pen, card, live);
  if (collapsed) drawStubs(pen, card);
  else {
    if (scale >= 0.55) {
      drawSlotNames(pen, card, live, mood);
      drawRows(pen, card, live);
      drawCaption(pen, card, live);
    }
    if (card.look.shows) drawPicture(pen, card, live);
    if (scale >= 0.32) drawSlots(pen, card, live, mood);
  }
  ctx.globalAlpha = 1;
}

/** From far away a card is its head's colour over its body, and its picture: nothing there could be read. */
function drawFar(
  { ctx, palette, theme }: Pen,
  card: Card,
  { status, picture }: Live,
  { selected }: CardMood,
  height: number,
): void {
  const { look, width } = card;
  ctx.fillStyle = palette.node;
  ctx.fillRect(0, -headHeight, width, height);
  ctx.fillStyle = mix(hueOf(lookOf(look.kind, look.meaning), theme), palette.head, 0.5);
  ctx.fillRect(0, -headHeight, width, headHeight);
  const busy = status.state === "running" || selected;
  ctx.strokeStyle = status.state === "failed" ? palette.bad : busy ? palette.accent : palette.outline;
  ctx.lineWidth = 8;
  ctx.strokeRect(0, -headHeight, width, height);
  if (!picture || card.flags.collapsed) return;
  ctx.imageSmoothingEnabled = false;
  ctx.drawImage(picture.image, inset, card.pictureTop, card.pictureSize, card.pictureSize);
}

function drawBody(
  { ctx, palette, theme, scale }: Pen,
  card: Card,
  { status, fault }: Live,
  mood: CardMood,
  height: number,
): void {
  const { look, width } = card;
  const failed = status.state === "failed";
  const alpha = ctx.globalAlpha;
  if (look.off) ctx.globalAlpha = alpha * 0.62;
  const body = new Path2D();
  body.roundRect(0, -headHeight, width, height, radius);
  if (scale >= 0.32 && !look.off) {
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
  if (look.off) hatch(ctx, body, palette.outline, width, height);
  ctx.globalAlpha = alpha;
  if (look.off || look.unknown) ctx.setLineDash([5, 4]);
  const strong = failed || status.state === "running";
  ctx.lineWidth = strong ? 2 : Math.max(1, 1 / scale);
  ctx.strokeStyle =
    failed || look.unknown || fault !== undefined ? palette.bad : strong ? palette.accent : palette.outline;
  ctx.stroke(body);
  ctx.setLineDash([]);
  if (status.progress && !card.flags.collapsed) {
    const { done, of } = status.progress;
    ctx.fillStyle = palette.accent;
    ctx.fillRect(1, -3, (width - 2) * Math.min(1, of > 0 ? done / of : 0), 3);
  }
  if (mood.selected) drawRing({ ctx, palette, scale }, [0, -headHeight, width, height], radius);
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

function drawHead(pen: Pen, { look, width }: Card, live: Live): void {
  const { ctx, palette, theme, scale } = pen;
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
  if (look.pinned && scale >= 0.32) {
    drawPin(ctx, right - 6, middle, palette.text2);
    right -= 15;
  }
  // Titles stay 10 screen pixels high when one zooms out.
  const size = Math.max(13, Math.min(22, 10 / scale));
  ctx.textBaseline = "middle";
  ctx.font = `600 ${size}px "Inter Variable"`;
  const title = widthOf(ctx, look.title);
  const [mark, word, colour] = stateWords(look, live, palette);
  ctx.font = fonts.small;
  const space = right - left - title - 8;
  const shown = stateForms(mark, word).find((form) => widthOf(ctx, form) <= space) ?? mark;
  const stateWidth = shown ? widthOf(ctx, shown) + 8 : 0;
  if (shown && scale >= 0.32) {
    ctx.textAlign = "right";
    ctx.fillStyle = colour;
    ctx.fillText(shown, right, middle + 0.5);
  }
  ctx.textAlign = "left";
  ctx.font = `600 ${size}px "Inter Variable"`;
  ctx.fillStyle = live.status.state === "failed" ? palette.bad : palette.text1;
  ctx.fillText(clipped(ctx, look.title, right - left - stateWidth), left, middle + 0.5);
}

/** The longest that has room beside the title: a time without its mark, then in whole seconds, before nothing is said of it. */
export function stateForms(mark: string, word: string): string[] {
  const seconds = /^(\d+\.\d+) s$/.exec(word)?.[1];
  const whole = seconds === undefined || Number(seconds) < 0.95 ? [] : [`${Math.round(Number(seconds))} s`];
  return [`${mark} ${word}`.trim(), ...(mark === "✓" && word !== "" ? [word, ...whole] : [])];
}

function stateWords(
  look: CardLook,
  { status, fault, doubt }: Live,
  palette: Palette,
): [mark: string, word: string, colour: string] {
  if (look.unknown) return ["", "unknown", palette.bad];
  if (look.off) return ["", look.off, palette.text2];
  if (fault !== undefined && status.state !== "failed") return ["!", "", palette.bad];
  const { state, word = "" } = status;
  if (doubt !== undefined && state === "idle") return ["?", "", palette.warn];
  if (state === "waiting") return ["", "waiting", palette.text2];
  if (state === "running") return ["", word || "running", palette.accent];
  if (state === "cached") return ["○", "cached", palette.text2];
  if (state === "skipped") return ["○", "not needed", palette.text2];
  if (state === "done") return ["✓", word, palette.ok];
  return state === "failed" ? ["!", word || "failed", palette.bad] : ["", "", palette.text2];
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

function drawCaption({ ctx, palette }: Pen, card: Card, { faults, numbers }: Live): void {
  if (!card.look.caption) return;
  ctx.font = fonts.small;
  ctx.fillStyle = faults.has("file") ? palette.bad : numbers ? palette.text1 : palette.text3;
  ctx.textBaseline = "middle";
  ctx.fillText(clipped(ctx, numbers ?? card.look.caption, card.size[0] - 2 * inset), inset, card.captionTop + 10);
}

function drawStubs({ ctx, palette }: Pen, { look, width }: Card): void {
  ctx.fillStyle = palette.control;
  for (const [x, slots] of [
    [-3, look.inputs],
    [width - 3, look.outputs],
  ] as const)
    if (slots.length > 0) {
      ctx.beginPath();
      ctx.roundRect(x, -headHeight / 2 - 6, 6, 12, 2);
      ctx.fill();
    }
}
