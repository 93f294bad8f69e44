/**
 * Paints a frame, from the ground up: dots and groups, wires, cards, what is in hand. While something is dragged or
 * flows, what stands still is painted once, in two layers between which the moving wires lie, and only the rest is
 * painted anew.
 */
import { type Palette, palettes } from "../../look/theme.ts";
import type { Card } from "../card.ts";
import { quiet } from "../live.ts";
import type { Projection } from "../project.ts";
import type { Scene } from "../scene.ts";
import type { View } from "../view.ts";
import type { LaidWire } from "../wires.ts";
import { drawCard } from "./draw-card.ts";
import { drawDots, drawGroups } from "./draw-ground.ts";
import { drawFlow, drawHeld, drawWire } from "./draw-wire.ts";
import { Layer } from "./layer.ts";
import { moodOf } from "./mood.ts";
import type { Pen } from "./pen.ts";
import { inSight, type Sight } from "./sight.ts";

type Context = CanvasRenderingContext2D;

export class Painter {
  readonly #element: HTMLCanvasElement;
  readonly #ground: Layer;
  readonly #cards: Layer;
  /** The layers show what stands still. */
  #areTrue = false;

  constructor(element: HTMLCanvasElement) {
    this.#element = element;
    this.#ground = new Layer(element);
    this.#cards = new Layer(element);
  }

  /** `still`: since the last frame nothing has changed but what moves. */
  paint(projection: Projection, view: View, scene: Scene, still: boolean): void {
    const element = this.#element;
    const { clientWidth, clientHeight } = element;
    const { x, y, scale } = view;
    const sight = inSight(projection, [-x, -y, clientWidth / scale, clientHeight / scale], scene);
    const ctx = element.getContext("2d") as Context;
    const pen = penOf(ctx, view, scene);
    if (!still) {
      this.#areTrue = false;
      paintGround(pen, projection, view, scene, sight);
    } else {
      if (!this.#areTrue) {
        this.#ground.paint(element, (on) => paintGround(penOf(on, view, scene), projection, view, scene, sight));
        this.#cards.paint(element, (on) => {
          place(on, view);
          paintCards(penOf(on, view, scene), scene, sight.cards.standing);
        });
        this.#areTrue = true;
      }
      this.#ground.putOn(ctx);
      place(ctx, view);
    }
    paintLive(pen, scene, sight);
    if (still) this.#cards.putOn(ctx);
    else paintCards(pen, scene, sight.cards.standing);
    place(ctx, view);
    paintCards(pen, scene, sight.cards.moving);
    if (scene.hand.holds === "wire") drawHeld(pen, scene.hand);
    if (scene.hand.holds === "box") drawBox(pen, scene.hand.box);
  }
}

function penOf(ctx: Context, { scale }: View, { theme }: Scene): Pen {
  return { ctx, palette: palettes[theme], theme, scale };
}

function paintGround(pen: Pen, { graph }: Projection, view: View, scene: Scene, { wires }: Sight): void {
  drawDots(pen, view);
  place(pen.ctx, view);
  drawGroups(pen, graph._groups);
  paintWires(pen, scene, wires.standing);
}

function paintWires(pen: Pen, { hand }: Scene, wires: readonly LaidWire[]): void {
  for (const wire of wires) drawWire(pen, wire, { dimmed: hand.holds === "wire" });
}

/** The wires that another frame shows otherwise. */
function paintLive(pen: Pen, scene: Scene, { wires: { standing, moving } }: Sight): void {
  const { hoveredLink, flowing, hand } = scene;
  paintWires(pen, scene, moving);
  if (hoveredLink === undefined && flowing.size === 0) return;
  const all = [...standing, ...moving];
  const hovered = all.find(({ link }) => link.id === hoveredLink);
  if (hovered) drawWire(pen, hovered, { dimmed: hand.holds === "wire", hovered: true });
  if (flowing.size === 0 || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  for (const wire of all) if (flowing.has(wire.link.target_id)) drawFlow(pen, wire);
}

function paintCards(pen: Pen, scene: Scene, cards: readonly Card[]): void {
  for (const card of cards) {
    pen.ctx.save();
    pen.ctx.translate(card.pos[0], card.pos[1]);
    drawCard(pen, card, scene.live.get(card.id) ?? quiet, moodOf(card, scene));
    pen.ctx.restore();
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
