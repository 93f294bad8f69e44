/**
 * A frame, from the ground up: dots and groups, wires, cards, what is in hand. While something is dragged or flows, what
 * stands still is painted once, in two layers between which the moving wires lie, and only the rest is painted anew.
 */
import { type Palette, palettes } from "../look/theme.ts";
import type { Card } from "./card.ts";
import { drawCard } from "./draw-card.ts";
import { drawDots, drawGroups } from "./draw-ground.ts";
import { drawFlow, drawHeld, drawWire } from "./draw-wire.ts";
import { Layer } from "./layer.ts";
import { quiet } from "./live.ts";
import type { Pen } from "./pen.ts";
import type { Projection } from "./project.ts";
import { moodOf, type Scene } from "./scene.ts";
import { inSight, type Sight } from "./sight.ts";
import type { View } from "./view.ts";
import type { Wire } from "./wires.ts";

type Context = CanvasRenderingContext2D;

export class Frame {
  readonly #element: HTMLCanvasElement;
  readonly #scene: Scene;
  readonly #ground: Layer;
  readonly #cards: Layer;
  /** The layers show what stands still. */
  #areTrue = false;

  constructor(element: HTMLCanvasElement, scene: Scene) {
    this.#element = element;
    this.#scene = scene;
    this.#ground = new Layer(element);
    this.#cards = new Layer(element);
  }

  /** `still`: since the last frame nothing has changed but what moves. */
  draw(projection: Projection, view: View, still: boolean): void {
    const element = this.#element;
    const { clientWidth, clientHeight } = element;
    const { x, y, scale } = view;
    const sight = inSight(projection, [-x, -y, clientWidth / scale, clientHeight / scale], this.#scene);
    const ctx = element.getContext("2d") as Context;
    const pen = this.#pen(ctx, view);
    if (!still) {
      this.#areTrue = false;
      this.#paintGround(pen, projection, view, sight);
    } else {
      if (!this.#areTrue) {
        this.#ground.paint(element, (on) => this.#paintGround(this.#pen(on, view), projection, view, sight));
        this.#cards.paint(element, (on) => {
          place(on, view);
          this.#paintCards(this.#pen(on, view), sight.cards.standing);
        });
        this.#areTrue = true;
      }
      this.#ground.putOn(ctx);
      place(ctx, view);
    }
    this.#paintLive(pen, sight);
    if (still) this.#cards.putOn(ctx);
    else this.#paintCards(pen, sight.cards.standing);
    place(ctx, view);
    this.#paintCards(pen, sight.cards.moving);
    if (this.#scene.held) drawHeld(pen, this.#scene.held);
    if (this.#scene.box) drawBox(pen, this.#scene.box);
  }

  #pen(ctx: Context, { scale }: View): Pen {
    const { theme } = this.#scene;
    return { ctx, palette: palettes[theme], theme, scale };
  }

  #paintGround(pen: Pen, { graph }: Projection, view: View, { wires }: Sight): void {
    drawDots(pen, view);
    place(pen.ctx, view);
    drawGroups(pen, graph._groups);
    this.#paintWires(pen, wires.standing);
  }

  #paintWires(pen: Pen, wires: readonly Wire[]): void {
    const dimmed = this.#scene.held !== undefined;
    for (const wire of wires) drawWire(pen, wire, { dimmed });
  }

  /** The wires that another frame shows otherwise. */
  #paintLive(pen: Pen, { wires: { standing, moving } }: Sight): void {
    const { hoveredLink, running, held } = this.#scene;
    this.#paintWires(pen, moving);
    if (hoveredLink === undefined && running.size === 0) return;
    const all = [...standing, ...moving];
    const hovered = all.find(({ link }) => link.id === hoveredLink);
    if (hovered) drawWire(pen, hovered, { dimmed: held !== undefined, hovered: true });
    if (running.size === 0 || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    for (const wire of all) if (running.has(wire.link.target_id)) drawFlow(pen, wire);
  }

  #paintCards(pen: Pen, cards: readonly Card[]): void {
    for (const card of cards) {
      pen.ctx.save();
      pen.ctx.translate(card.pos[0], card.pos[1]);
      drawCard(pen, card, this.#scene.live.get(card.id) ?? quiet, moodOf(card, this.#scene));
      pen.ctx.restore();
    }
  }
}

/** From the canvas's own coordinates to device pixels. */
function place(ctx: Context, { x, y, scale }: View): void {
  const pixels = scale * devicePixelRatio;
  ctx.setTransform(pixels, 0, 0, pixels, x * pixels, y * pixels);
}

function drawBox({ ctx, palette, scale }: Pen, [x, y, w, h]: readonly number[]): void {
  const { accent }: Palette = palette;
  ctx.globalAlpha = 0.12;
  ctx.fillStyle = accent;
  ctx.fillRect(x, y, w, h);
  ctx.globalAlpha = 1;
  ctx.strokeStyle = accent;
  ctx.lineWidth = 1 / scale;
  ctx.strokeRect(x, y, w, h);
}
