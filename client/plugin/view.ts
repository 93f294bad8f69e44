/** What a node shows of a run, drawn around and inside litegraph's own node: nothing of it is ever saved. */
import { palettes } from "../look/theme.ts";
import type { Sheet } from "../runs/sheet.ts";
import type { Status } from "../runs/status.ts";
import { hasRoom, type Sized } from "./room.ts";
import { wrapped } from "./wrapped.ts";

export interface View {
  readonly status: Status;
  /** The last picture: x₀ as it forms, what a node shows, a saved file. */
  readonly picture?: Sheet | undefined;
  /** A line on the picture: "x₀ · 17 of 50 · 1.3 s left". */
  readonly tag?: string | undefined;
  /** What may not be meant, in a sentence. */
  readonly note?: string | undefined;
}

/** What it says below itself: what went wrong, else what may not be meant. */
export const saidBy = ({ status, note }: View): string | undefined => status.message ?? note;

export const idle: View = { status: { state: "idle" } };

const { accent, ok, warn, bad, badSoft, text1, text2, text3, note: paper } = palettes.dark;
const hues: Readonly<Record<Status["state"], string>> = {
  idle: "#666",
  waiting: text3,
  running: accent,
  cached: text2,
  skipped: text2,
  done: ok,
  failed: bad,
};
const marks: Readonly<Partial<Record<Status["state"], string>>> = { done: "✓ ", failed: "✕ " };

/** The dot in the title: the colour of the state, or the one that the node was given. */
export const dotOf = ({ status }: View, boxcolor: string | undefined, usual: string): string =>
  status.state === "idle" ? (boxcolor ?? usual) : hues[status.state];

interface Place extends Sized {
  readonly titleHeight: number;
  /** Below the slots and widgets. */
  readonly bodyHeight: number;
  readonly collapsed: boolean;
  /** Too small for words. */
  readonly far: boolean;
}

export function drawView(ctx: CanvasRenderingContext2D, view: View, place: Place): void {
  const { status, picture, tag } = view;
  ctx.save();
  ctx.shadowColor = "transparent";
  ctx.textBaseline = "alphabetic";
  if (status.state === "running" || status.state === "failed") frame(ctx, place, hues[status.state]);
  if (status.progress) progress(ctx, place, status.progress.done / status.progress.of);
  if (!place.far) word(ctx, place, status);
  if (picture && !place.collapsed && hasRoom(place, place.bodyHeight)) drawPicture(ctx, place, picture, tag);
  const said = saidBy(view);
  if (said !== undefined && !place.far)
    message(ctx, place, said, status.message ? { ink: bad, ground: badSoft } : { ink: warn, ground: paper });
  ctx.restore();
}

function frame(ctx: CanvasRenderingContext2D, { size, titleHeight, collapsed }: Place, hue: string): void {
  ctx.strokeStyle = hue;
  ctx.lineWidth = 2;
  ctx.beginPath();
  ctx.roundRect(-1, -titleHeight - 1, size[0] + 3, titleHeight + (collapsed ? 0 : size[1]) + 2, 9);
  ctx.stroke();
}

function progress(ctx: CanvasRenderingContext2D, { size }: Place, share: number): void {
  ctx.fillStyle = "#0008";
  ctx.fillRect(0, -4, size[0] + 1, 4);
  ctx.fillStyle = accent;
  ctx.fillRect(0, -4, (size[0] + 1) * Math.min(1, share), 4);
}

/** The state in a word, over the title's right end. */
function word(ctx: CanvasRenderingContext2D, { size, titleHeight }: Place, { state, word }: Status): void {
  if (state === "idle") return;
  ctx.font = "12px Arial";
  ctx.textAlign = "right";
  ctx.fillStyle = hues[state];
  ctx.fillText(`${marks[state] ?? ""}${word ?? (state === "done" ? "" : state)}`, size[0] - 2, -titleHeight - 7);
}

const inset = 10;

function drawPicture(ctx: CanvasRenderingContext2D, place: Place, picture: Sheet, tag: string | undefined): void {
  const { size, bodyHeight, far } = place;
  const [width, height] = [size[0] - 2 * inset, size[1] - bodyHeight - inset];
  const fit = Math.min(width / picture.width, height / picture.height);
  const [w, h] = [picture.width * fit, picture.height * fit];
  const [x, y] = [(size[0] - w) / 2, bodyHeight + (height - h) / 2];
  ctx.imageSmoothingEnabled = fit < 1;
  ctx.drawImage(picture.image, x, y, w, h);
  if (!tag || far) return;
  ctx.font = "11px Arial";
  ctx.textAlign = "left";
  ctx.fillStyle = "#0A0C10C8";
  ctx.fillRect(x, y + h - 18, Math.min(w, ctx.measureText(tag).width + 12), 18);
  ctx.fillStyle = text1;
  ctx.fillText(tag, x + 6, y + h - 5, w - 12);
}

interface Look {
  readonly ink: string;
  readonly ground: string;
}

/** Below the node, in lines as wide as it. */
function message(ctx: CanvasRenderingContext2D, { size, collapsed }: Place, text: string, { ink, ground }: Look): void {
  ctx.font = "12px Arial";
  ctx.textAlign = "left";
  const width = Math.max(size[0], 240);
  const top = (collapsed ? 0 : size[1]) + 6;
  const lines = wrapped(text, width - 16, (part) => ctx.measureText(part).width).slice(0, 6);
  ctx.fillStyle = ground;
  ctx.beginPath();
  ctx.roundRect(-1, top, width + 3, lines.length * 16 + 10, 6);
  ctx.fill();
  ctx.fillStyle = ink;
  for (const [i, line] of lines.entries()) ctx.fillText(line, 8, top + 17 + i * 16);
}
