/** litegraph's canvas with its painting replaced: dots, groups, wires and cards are ours, the order of a frame is litegraph's. */
import { LGraphCanvas, type LGraphNode, type LLink } from "litegraph.js/build/litegraph.core.js";
import { hueOf, lookOf } from "../look/kinds.ts";
import type { Palette, Theme } from "../look/theme.ts";
import { palettes } from "../look/theme.ts";
import { type Card, fonts } from "./card.ts";
import { drawCard } from "./draw-card.ts";
import type { CardMood } from "./pen.ts";
import { wirePath } from "./wire.ts";

export interface Scene {
  theme: Theme;
  selection: ReadonlySet<number>;
  /** Wires into these nodes flow. */
  running: ReadonlySet<number>;
  hoveredLink: number | undefined;
  /** What fits the wire in hand, as "node side slot"; absent while none is held. */
  fitting: ReadonlySet<string> | undefined;
  held:
    | {
        readonly from: readonly [number, number];
        readonly to: readonly [number, number];
        readonly kind: string;
        readonly meaning?: string;
        readonly refused: boolean;
        readonly reversed: boolean;
      }
    | undefined;
  /** The link whose end is in hand. */
  lifted: number | undefined;
  box: readonly [number, number, number, number] | undefined;
}

const none: ReadonlySet<string> = new Set();

export function paint(element: HTMLCanvasElement, scene: Scene): LGraphCanvas {
  const canvas = new LGraphCanvas(element, null, { skip_events: true, skip_render: true });
  const palette = (): Palette => palettes[scene.theme];
  canvas.bgcanvas = element;
  canvas.show_info = false;
  canvas.render_canvas_border = false;
  canvas.render_shadows = false;
  canvas.render_link_tooltip = false;
  canvas.allow_searchbox = false;
  canvas.background_image = null;
  canvas.clear_background_color = null;
  canvas.ds.toCanvasContext = function (ctx) {
    const pixel = devicePixelRatio;
    ctx.scale(this.scale * pixel, this.scale * pixel);
    ctx.translate(this.offset[0], this.offset[1]);
  };
  canvas.ds.computeVisibleArea = function () {
    const { clientWidth, clientHeight } = this.element;
    this.visible_area.set([-this.offset[0], -this.offset[1], clientWidth / this.scale, clientHeight / this.scale]);
  };
  canvas.onRenderBackground = (_, ctx) => {
    drawDots(ctx, canvas, palette());
    return true;
  };
  canvas.drawGroups = (_, ctx) => {
    for (const { title, pos, size } of canvas.graph._groups) {
      const frame = new Path2D();
      frame.roundRect(pos[0], pos[1], size[0], size[1], 12);
      ctx.fillStyle = scene.theme === "dark" ? "rgba(236,106,10,0.05)" : "rgba(194,114,8,0.05)";
      ctx.fill(frame);
      ctx.strokeStyle = scene.theme === "dark" ? "rgba(236,106,10,0.38)" : "rgba(194,114,8,0.45)";
      ctx.lineWidth = 1;
      ctx.stroke(frame);
      ctx.font = fonts.title;
      ctx.fillStyle = palette().text2;
      ctx.textBaseline = "middle";
      ctx.textAlign = "left";
      ctx.fillText(title, pos[0] + 12, pos[1] + 16);
    }
  };
  canvas.renderLink = (ctx, a, b, link) => {
    if (link && link.id !== scene.lifted) drawWire(ctx, canvas, a, b, link, scene, palette());
  };
  canvas.drawNode = (node: LGraphNode, ctx) => {
    const card = node as Card;
    const pen = { ctx, palette: palette(), theme: scene.theme, scale: canvas.ds.scale };
    drawCard(pen, card, moodOf(card, scene));
  };
  canvas.onDrawForeground = (ctx) => {
    if (scene.held) drawHeld(ctx, scene.held, scene.theme, palette());
    if (scene.box) drawBox(ctx, scene.box, canvas.ds.scale, palette());
  };
  return canvas;
}

function moodOf(card: Card, { selection, fitting, held }: Scene): CardMood {
  const selected = selection.has(card.id);
  if (!fitting || !held) return { selected, dimmed: false, glowing: none };
  const own = [...fitting].filter((key) => key.startsWith(`${card.id} `)).map((key) => key.slice(`${card.id} `.length));
  return { selected, dimmed: own.length === 0, glowing: new Set(own) };
}

function drawDots(
  ctx: CanvasRenderingContext2D,
  { ds, canvas }: LGraphCanvas,
  { canvas: ground, dots }: Palette,
): void {
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.fillStyle = ground;
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  let step = 24 * ds.scale * devicePixelRatio;
  while (step < 14 * devicePixelRatio) step *= 2;
  const size = Math.max(1, Math.round(1.2 * devicePixelRatio));
  const start = (offset: number) => (((offset * ds.scale * devicePixelRatio) % step) + step) % step;
  ctx.fillStyle = dots;
  for (let x = start(ds.offset[0]); x < canvas.width; x += step)
    for (let y = start(ds.offset[1]); y < canvas.height; y += step)
      ctx.fillRect(Math.round(x), Math.round(y), size, size);
}

function drawWire(
  ctx: CanvasRenderingContext2D,
  { graph, ds }: LGraphCanvas,
  a: Float32Array,
  b: Float32Array,
  { id, origin_id, origin_slot, target_id }: LLink,
  scene: Scene,
  palette: Palette,
): void {
  const [from, to] = [graph.getNodeById(origin_id) as Card, graph.getNodeById(target_id) as Card];
  const slot = from.look.outputs[origin_slot];
  const look = lookOf(slot?.kind ?? "", slot?.meaning);
  const { path, middle } = wirePath(a, b, from, to);
  const width = look.recipe ? 1.6 : 2.6;
  if (ds.scale >= 0.32) {
    ctx.strokeStyle = palette.canvas;
    ctx.lineWidth = width + 4;
    ctx.stroke(path);
  }
  const off = from.look.mode === 2 || to.look.mode === 2;
  ctx.globalAlpha = off || scene.held ? 0.4 : 1;
  const hue = hueOf(look, scene.theme);
  ctx.strokeStyle = hue;
  ctx.lineWidth = Math.max(width, 1 / ds.scale) + (scene.hoveredLink === id ? 1 : 0);
  ctx.stroke(path);
  if (scene.running.has(target_id) && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
    ctx.strokeStyle = palette.text1;
    ctx.setLineDash([3, 9]);
    ctx.lineDashOffset = -(performance.now() * 0.024);
    ctx.globalAlpha = 0.8;
    ctx.stroke(path);
    ctx.setLineDash([]);
  }
  ctx.globalAlpha = 1;
  if (scene.hoveredLink !== id) return;
  ctx.beginPath();
  ctx.arc(middle[0], middle[1], 5, 0, 2 * Math.PI);
  ctx.fillStyle = hue;
  ctx.fill();
}

function drawHeld(
  ctx: CanvasRenderingContext2D,
  held: NonNullable<Scene["held"]>,
  theme: Theme,
  palette: Palette,
): void {
  const { from, to, kind, meaning, refused, reversed } = held;
  const { path } = reversed ? wirePath(to, from) : wirePath(from, to);
  ctx.strokeStyle = refused ? palette.bad : hueOf(lookOf(kind, meaning), theme);
  ctx.lineWidth = 2.6;
  if (refused) ctx.setLineDash([6, 5]);
  ctx.stroke(path);
  ctx.setLineDash([]);
  ctx.beginPath();
  ctx.arc(to[0], to[1], refused ? 9 : 5, 0, 2 * Math.PI);
  ctx.fillStyle = refused ? palette.badFill : ctx.strokeStyle;
  ctx.fill();
  if (!refused) return;
  ctx.strokeStyle = "#FFFFFF";
  ctx.lineWidth = 2;
  ctx.beginPath();
  ctx.moveTo(to[0] - 3.5, to[1] - 3.5);
  ctx.lineTo(to[0] + 3.5, to[1] + 3.5);
  ctx.moveTo(to[0] + 3.5, to[1] - 3.5);
  ctx.lineTo(to[0] - 3.5, to[1] + 3.5);
  ctx.stroke();
}

function drawBox(
  ctx: CanvasRenderingContext2D,
  [x, y, w, h]: readonly number[],
  scale: number,
  { accent }: Palette,
): void {
  ctx.globalAlpha = 0.12;
  ctx.fillStyle = accent;
  ctx.fillRect(x, y, w, h);
  ctx.globalAlpha = 1;
  ctx.strokeStyle = accent;
  ctx.lineWidth = 1 / scale;
  ctx.strokeRect(x, y, w, h);
}
