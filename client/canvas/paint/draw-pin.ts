/** A pin from the side: head, neck and needle. */
export function drawPin(ctx: CanvasRenderingContext2D, x: number, y: number, colour: string): void {
  ctx.fillStyle = colour;
  ctx.beginPath();
  ctx.roundRect(x - 3, y - 6, 6, 2, 1);
  ctx.rect(x - 1.75, y - 4, 3.5, 3.5);
  ctx.roundRect(x - 4.5, y - 0.5, 9, 2, 1);
  ctx.rect(x - 0.6, y + 1.5, 1.2, 4.5);
  ctx.fill();
}
