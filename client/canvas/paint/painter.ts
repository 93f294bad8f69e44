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
import { moodOf } from "./mood.ts";
import { Pane } from "./pane.ts";
import type { Pen } from "./pen.ts";
import { type Visible, visibleIn } from "./visible.ts";

/** So far slots reach over the edge of their card. */
const slotReach = 8;

export class Painter {
  readonly #element: HTMLCanvasElement;
  readonly #ground: Pane;
  readonly #cards: Pane;
  /** The layers show what stands still. */
  #areTrue = false;

  constructor(element: HTMLCanvasElement) {
    this.#element = element;
    this.#ground = new Pane(element);
    this.#cards = new Pane(element);
  }

  /** `still`: since the last frame nothing has changed but what moves. */
  paint(projection: Projection, view: View, scene: Scene, still: boolean): void {
    const element = this.#element;
    const { clientWidth, clientHeight } = element;
    const { x, y, scale } = view;
    const visible = visibleIn(projection, [-x, -y, clientWidth / scale, clientHeight / scale], scene);
    const ctx = element.getContext("2d") as CanvasRenderingContext2D;
    const pen = penOf(ctx, view, scene);
    if (!still) {
      this.#areTrue = false;
      paintGround(pen, projection, view, scene, visible);
    } else {
      if (!this.#areTrue) {
        this.#ground.paint(element, (on) => paintGround(penOf(on, view, scene), projection, view, scene, visible));
        this.#cards.paint(element, (on) => {
          place(on, view);
          paintCards(penOf(on, view, scene), scene, visible.cards.standing);
        });
        this.#areTrue = true;
      }
      this.#ground.putOn(ctx);
      place(ctx, view);
    }
    paintLive(pen, scene, visible);
    if (still) this.#cards.putOn(ctx);
    else paintCards(pen, scene, visible.cards.standing);
    place(ctx, view);
    paintCards(pen, scene, visible.cards.moving);
    paintOver(pen, scene, visible);
    if (scene.hand.holds === "wire") drawHeld(pen, scene.hand);
    if (scene.hand.holds === "box") drawBox(pen, scene.hand.box);
  }
}

function penOf(ctx: CanvasRenderingContext2D, { scale }: View, { theme }: Scene): Pen {
  return { ctx, palette: palettes[theme], theme, scale };
}

function paintGround(pen: Pen, { graph }: Projection, view: View, scene: Scene, { wires }: Visible): void {
  drawDots(pen, view);
  place(pen.ctx, view);
  drawGroups(pen, graph._groups);
  paintWires(pen, scene, wires.standing);
}

function paintWires(pen: Pen, { hand }: Scene, wires: readonly LaidWire[]): void {
  for (const wire of wires) drawWire(pen, wire, { dimmed: hand.holds === "wire" });
}

/** The wires that another frame shows otherwise. */
function paintLive(pen: Pen, scene: Scene, { wires: { standing, moving } }: Visible): void {
  const { hoveredLink, flowing, hand } = scene;
  paintWires(pen, scene, moving);
  if (hoveredLink === undefined && flowing.size === 0) return;
  const all = [...standing, ...moving];
  const hovered = all.find(({ link }) => link.id === hoveredLink);
  if (hovered) drawWire(pen, hovered, { dimmed: hand.holds === "wire", hovered: true });
  if (flowing.size === 0 || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  for (const wire of all) if (flowing.has(wire.link.target_id)) drawFlow(pen, wire);
}

/** The wire under the pointer is followed over the cards that it runs behind; those at its ends show their slots. */
function paintOver(pen: Pen, { hoveredLink, hand }: Scene, { wires: { standing, moving } }: Visible): void {
  const wire = [...standing, ...moving].find(({ link }) => link.id === hoveredLink);
  if (!wire) return;
  const { ctx } = pen;
  const around = new Path2D();
  around.rect(-1e6, -1e6, 2e6, 2e6);
  for (const { box } of [wire.from, wire.to]) {
    const [x, y, w, h] = box;
    around.rect(x - slotReach, y, w + 2 * slotReach, h);
  }
  ctx.save();
  ctx.clip(around, "evenodd");
  drawWire(pen, wire, { dimmed: hand.holds === "wire", hovered: true });
  ctx.restore();
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
function place(ctx: CanvasRenderingContext2D, { x, y, scale }: View): void {
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
