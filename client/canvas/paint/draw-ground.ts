/** What everything stands on: dots, and the frames of groups. */
import type { LGraphGroup } from "litegraph.js/build/litegraph.core.js";
import { fonts } from "../card.ts";
import type { View } from "../view.ts";
import type { Pen } from "./pen.ts";

/** In device pixels, so that dots stay sharp and small at every zoom. */
export function drawDots({ ctx, palette }: Pen, { x, y, scale }: View): void {
  const { width, height } = ctx.canvas;
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.fillStyle = palette.canvas;
  ctx.fillRect(0, 0, width, height);
  let step = 24 * scale * devicePixelRatio;
  while (step < 14 * devicePixelRatio) step *= 2;
  const size = Math.max(1, Math.round(1.2 * devicePixelRatio));
  const start = (offset: number) => (((offset * scale * devicePixelRatio) % step) + step) % step;
  ctx.fillStyle = palette.dots;
  for (let left = start(x); left < width; left += step)
    for (let top = start(y); top < height; top += step) ctx.fillRect(Math.round(left), Math.round(top), size, size);
}

export function drawGroups({ ctx, palette, theme }: Pen, groups: readonly LGraphGroup[]): void {
  for (const { title, pos, size, color } of groups) {
    const own = isColour(color) ? color : undefined;
    const frame = new Path2D();
    frame.roundRect(pos[0], pos[1], size[0], size[1], 12);
    ctx.fillStyle = own ? `${own}1a` : theme === "dark" ? "rgba(236,106,10,0.05)" : "rgba(194,114,8,0.05)";
    ctx.fill(frame);
    ctx.strokeStyle = own ? `${own}aa` : theme === "dark" ? "rgba(236,106,10,0.38)" : "rgba(194,114,8,0.45)";
    ctx.lineWidth = 1;
    ctx.stroke(frame);
    ctx.font = fonts.title;
    ctx.fillStyle = palette.text2;
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    ctx.fillText(title, pos[0] + 12, pos[1] + 16);
  }
}

/** Written with six digits, so that two more make it fainter. */
const isColour = (color: string): boolean => /^#[\da-f]{6}$/i.test(color);
