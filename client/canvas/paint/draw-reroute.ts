/** A reroute: the wire runs on, and where it can be taken hold of there is the mark of its kind. */
import { hueOf, lookOf } from "../../look/kinds.ts";
import type { Card } from "../card.ts";
import { drawShape } from "./draw-slots.ts";
import type { CardMood } from "./mood.ts";
import { drawRing, type Pen } from "./pen.ts";

export function drawReroute(pen: Pen, card: Card, { selected, glowing }: CardMood): void {
  const { ctx, palette, theme, scale } = pen;
  const [width, height] = card.size;
  const { kind, meaning, inputs, outputs, off } = card.look;
  const look = lookOf(kind, meaning);
  const hue = hueOf(look, theme);
  const middle = height / 2;
  const line = (from: number, to: number) => {
    ctx.beginPath();
    ctx.moveTo(from, middle);
    ctx.lineTo(to, middle);
    ctx.stroke();
  };
  const alpha = ctx.globalAlpha;
  if (off === "muted") ctx.globalAlpha = alpha * 0.4;
  ctx.strokeStyle = hue;
  ctx.lineWidth = Math.max(look.recipe ? 1.6 : 2.6, 1 / scale);
  if (inputs.some(({ wired }) => wired)) line(0, width / 2);
  if (outputs.some(({ wired }) => wired)) line(width / 2, width);
  const ground = new Path2D();
  ground.arc(width / 2, middle, 8, 0, 2 * Math.PI);
  ctx.fillStyle = palette.node;
  ctx.fill(ground);
  ctx.strokeStyle = palette.outline;
  ctx.lineWidth = Math.max(1, 1 / scale);
  ctx.stroke(ground);
  ctx.save();
  ctx.translate(width / 2, middle);
  ctx.scale(0.8, 0.8);
  drawShape(pen, look, hue, palette.node);
  ctx.restore();
  ctx.globalAlpha = alpha;
  for (const [x, slots] of [
    [0, inputs.map(({ name }) => `inputs ${name}`)],
    [width, outputs.map(({ name }) => `outputs ${name}`)],
  ] as const) {
    if (!slots.some((slot) => glowing.has(slot))) continue;
    ctx.globalAlpha = 0.3;
    ctx.fillStyle = hue;
    ctx.beginPath();
    ctx.arc(x, middle, 11, 0, 2 * Math.PI);
    ctx.fill();
    ctx.globalAlpha = alpha;
  }
  if (selected) drawRing(pen, [width / 2 - 8, middle - 8, 16, 16], 8);
}
