/** What everything that paints is given. */
import type { Palette, Theme } from "../../look/theme.ts";

export interface Pen {
  readonly ctx: CanvasRenderingContext2D;
  readonly palette: Palette;
  readonly theme: Theme;
  /** Screen pixels per canvas pixel. */
  readonly scale: number;
}

/** Round what is selected, 4 px away. */
export function drawRing(
  { ctx, palette, scale }: Pick<Pen, "ctx" | "palette" | "scale">,
  [x, y, width, height]: readonly [number, number, number, number],
  radius: number,
): void {
  const ring = new Path2D();
  ring.roundRect(x - 4, y - 4, width + 8, height + 8, radius + 4);
  ctx.lineWidth = Math.max(2, 2 / scale);
  ctx.strokeStyle = palette.text1;
  ctx.stroke(ring);
}
