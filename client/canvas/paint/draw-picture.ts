/** The picture of a card: the last preview, a saved one, or the place where it will be. */
import { type Card, fonts, inset } from "../card.ts";
import type { Live } from "../live.ts";
import { clipped, widthOf } from "../text.ts";
import type { Pen } from "./pen.ts";

/** What stands where a picture will be. */
function inItsPlace({ look }: Card, state: Live["status"]["state"]): string {
  if (state === "waiting") return "waiting";
  if (!look.opens) return "no picture yet";
  return state === "cached" ? "cached: not drawn anew" : "x₀ appears here as it forms";
}

export function drawPicture(
  { ctx, palette, scale }: Pen,
  card: Card,
  { picture, pictureTag, awaits, stale, status }: Live,
): void {
  const [x, y, size] = [inset, card.pictureTop, card.pictureSize];
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
    ctx.fillText(awaits ?? inItsPlace(card, status.state), x + size / 2, y + size / 2);
    ctx.textAlign = "left";
    return;
  }
  const fit = Math.min(size / picture.width, size / picture.height);
  const [w, h] = [picture.width * fit, picture.height * fit];
  const alpha = ctx.globalAlpha;
  if (stale) ctx.globalAlpha = alpha * 0.45;
  ctx.imageSmoothingEnabled = false;
  ctx.drawImage(picture.image, x + (size - w) / 2, y + (size - h) / 2, w, h);
  ctx.globalAlpha = alpha;
  if (!pictureTag || scale < 0.55) return;
  ctx.font = fonts.small;
  const width = widthOf(ctx, pictureTag) + 12;
  ctx.fillStyle = "rgba(10,12,16,0.78)";
  ctx.beginPath();
  ctx.roundRect(x + 6, y + size - 24, Math.min(width, size - 12), 18, 4);
  ctx.fill();
  ctx.fillStyle = "#FFFFFF";
  ctx.textBaseline = "middle";
  ctx.fillText(clipped(ctx, pictureTag, size - 24), x + 12, y + size - 14.5);
}
