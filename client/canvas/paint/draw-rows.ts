/** Parameters on a card: name left, value right; a range as a filled bar, choices with an arrow, switches as switches. */
import { isNumeric } from "../../../nodes/kinds.ts";
import { rangeOf, type ShownParameter } from "../../edit/parameters.ts";
import { type Card, fonts } from "../card.ts";

import { isAtFault, type Live } from "../live.ts";
import { clipped, widthOf } from "../text.ts";
import type { Pen } from "./pen.ts";

export function drawRows(pen: Pen, card: Card, live: Live): void {
  for (const [i, row] of card.look.rows.entries()) drawRow(pen, row, card.field(i), isAtFault(live, row.name));
}

function drawRow(
  { ctx, palette }: Pen,
  row: ShownParameter,
  [x, y, width, height]: readonly number[],
  isFault: boolean,
): void {
  const field = new Path2D();
  field.roundRect(x, y, width, height, 6);
  ctx.fillStyle = palette.field;
  ctx.fill(field);
  const range = rangeOf(row);
  if (range) {
    const part = Math.max(0, Math.min(1, (Number(row.value) - range[0]) / (range[1] - range[0])));
    ctx.save();
    ctx.clip(field);
    ctx.fillStyle = palette.range;
    ctx.fillRect(x, y, width * part, height);
    ctx.fillStyle = palette.accent;
    ctx.fillRect(x + width * part - 1, y, 2, height);
    ctx.restore();
  }
  ctx.strokeStyle = isFault ? palette.bad : palette.line;
  ctx.lineWidth = isFault ? 1.5 : 1;
  ctx.stroke(field);
  const middle = y + height / 2 + 0.5;
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  ctx.font = fonts.slot;
  ctx.fillStyle = palette.text2;
  ctx.fillText(row.name, x + 8, middle);
  const left = x + 8 + widthOf(ctx, row.name) + 10;
  let right = x + width - 8;
  if (row.kind === "boolean") {
    drawSwitch({ ctx, palette }, right, y + height / 2, row.value === true);
    return;
  }
  if (row.parameter.choices || row.parameter.file) {
    ctx.strokeStyle = palette.text3;
    ctx.lineWidth = 1.4;
    ctx.beginPath();
    ctx.moveTo(right - 7, y + height / 2 - 1.5);
    ctx.lineTo(right - 3.5, y + height / 2 + 2);
    ctx.lineTo(right, y + height / 2 - 1.5);
    ctx.stroke();
    right -= 13;
  }
  ctx.font = isNumeric(row.kind) || !row.parameter.choices ? fonts.mono : fonts.value;
  ctx.fillStyle = isFault ? palette.bad : palette.text1;
  ctx.textAlign = "right";
  ctx.fillText(clipped(ctx, row.shown, right - left), right, middle);
  ctx.textAlign = "left";
}

function drawSwitch({ ctx, palette }: Pick<Pen, "ctx" | "palette">, right: number, middle: number, on: boolean): void {
  ctx.fillStyle = on ? palette.accentFill : palette.control;
  ctx.beginPath();
  ctx.roundRect(right - 22, middle - 6, 22, 12, 6);
  ctx.fill();
  ctx.fillStyle = "#FFFFFF";
  ctx.beginPath();
  ctx.arc(on ? right - 6 : right - 16, middle, 4.2, 0, 2 * Math.PI);
  ctx.fill();
}
