/** Wires: as they lie, as values flow through them, under the pointer, and the one in hand. */
import { hueOf, lookOf } from "../../look/kinds.ts";
import type { HeldWire } from "../hand.ts";
import { wirePath } from "../wire-path.ts";
import type { LaidWire } from "../wires.ts";
import type { Pen } from "./pen.ts";

export interface WireMood {
  /** Another wire is in hand. */
  readonly dimmed: boolean;
  readonly hovered?: boolean;
}

export function drawWire({ ctx, palette, theme, scale }: Pen, wire: LaidWire, { dimmed, hovered }: WireMood): void {
  const { path, middle, from, to } = wire;
  const look = lookAt(wire);
  const width = look.recipe ? 1.6 : 2.6;
  if (scale >= 0.32) {
    ctx.strokeStyle = palette.canvas;
    ctx.lineWidth = width + 4;
    ctx.stroke(path);
  }
  const muted = from.look.off === "muted" || to.look.off === "muted";
  ctx.globalAlpha = muted || dimmed ? 0.4 : 1;
  const hue = hueOf(look, theme);
  ctx.strokeStyle = hue;
  ctx.lineWidth = Math.max(width, 1 / scale) + (hovered ? 1 : 0);
  ctx.stroke(path);
  ctx.globalAlpha = 1;
  if (!hovered) return;
  ctx.beginPath();
  ctx.arc(middle[0], middle[1], 5, 0, 2 * Math.PI);
  ctx.fillStyle = hue;
  ctx.fill();
}

/** Dashes run along a wire into a node that runs. */
export function drawFlow({ ctx, palette, scale }: Pen, wire: LaidWire): void {
  const look = lookAt(wire);
  ctx.strokeStyle = palette.text1;
  ctx.lineWidth = Math.max(look.recipe ? 1.6 : 2.6, 1 / scale);
  ctx.setLineDash([3, 9]);
  ctx.lineDashOffset = -(performance.now() * 0.024);
  ctx.globalAlpha = 0.8;
  ctx.stroke(wire.path);
  ctx.setLineDash([]);
  ctx.globalAlpha = 1;
}

const lookAt = ({ link, from }: LaidWire) => {
  const slot = from.look.outputs[link.origin_slot];
  return lookOf(slot?.kind ?? "", slot?.meaning);
};

export function drawHeld({ ctx, palette, theme }: Pen, held: HeldWire): void {
  const { from, to, loose, isRefused } = held;
  const { path } = loose.side === "input" ? wirePath(to, from) : wirePath(from, to);
  ctx.strokeStyle = isRefused ? palette.bad : hueOf(lookOf(loose.kind, loose.meaning), theme);
  ctx.lineWidth = 2.6;
  if (isRefused) ctx.setLineDash([6, 5]);
  ctx.stroke(path);
  ctx.setLineDash([]);
  ctx.beginPath();
  ctx.arc(to[0], to[1], isRefused ? 9 : 5, 0, 2 * Math.PI);
  ctx.fillStyle = isRefused ? palette.badFill : ctx.strokeStyle;
  ctx.fill();
  if (!isRefused) return;
  ctx.strokeStyle = "#FFFFFF";
  ctx.lineWidth = 2;
  ctx.beginPath();
  ctx.moveTo(to[0] - 3.5, to[1] - 3.5);
  ctx.lineTo(to[0] + 3.5, to[1] + 3.5);
  ctx.moveTo(to[0] + 3.5, to[1] - 3.5);
  ctx.lineTo(to[0] - 3.5, to[1] + 3.5);
  ctx.stroke();
}
