/**
 * A picture of the whole canvas, transparent where nothing was painted. It stands inside the canvas's element, where it
 * is not seen, so that its texts have the style that they have there.
 */
export class Pane {
  readonly #canvas = document.createElement("canvas");

  constructor(inside: HTMLCanvasElement) {
    this.#canvas.hidden = true;
    inside.append(this.#canvas);
  }

  paint({ width, height }: HTMLCanvasElement, draw: (ctx: CanvasRenderingContext2D) => void): void {
    this.#canvas.width = width;
    this.#canvas.height = height;
    draw(this.#canvas.getContext("2d") as CanvasRenderingContext2D);
  }

  putOn(ctx: CanvasRenderingContext2D): void {
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.drawImage(this.#canvas, 0, 0);
  }
}
