/** Slots of a card: their shapes on its edges, their names inside. */
import { hueOf, type KindLook, lookOf, shapePath } from "../../look/kinds.ts";
import { type Card, fonts, padding, slotHeight } from "../card.ts";
import { isAtFault, type Live } from "../live.ts";
import type { CardMood } from "./mood.ts";
import type { Pen } from "./pen.ts";

const shapes = new Map<string, Path2D>();
const shapeOf = ({ shape }: KindLook): Path2D => {
  const known = shapes.get(shape) ?? shapePath(shape);
  shapes.set(shape, known);
  return known;
};

/** A recipe is hollow: its inside is the ground it stands on. */
export function drawShape({ ctx }: Pen, look: KindLook, hue: string, ground: string): void {
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

export function drawSlots(pen: Pen, card: Card, live: Live, mood: CardMood): void {
  const { ctx, palette, theme } = pen;
  for (const side of ["inputs", "outputs"] as const)
    for (const [i, slot] of card.look[side].entries()) {
      const look = lookOf(slot.kind, slot.meaning);
      const hue = hueOf(look, theme);
      const glowing = mood.glowing.has(`${side} ${slot.name}`);
      const isFault = side === "inputs" && isAtFault(live, slot.name);
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

export function drawSlotNames({ ctx, palette }: Pen, card: Card, live: Live, mood: CardMood): void {
  const { inputs, outputs } = card.look;
  ctx.font = fonts.slot;
  ctx.textBaseline = "middle";
  for (const [i, { name, wired }] of inputs.entries()) {
    const isFault = isAtFault(live, name);
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
