/** The canvas as the editor knows it: shows a graph, says where things are, draws a frame only when something changed. */
import type { Graph } from "../../graphs/document/index.ts";
import type { Point } from "../edit/graph.ts";
import type { Theme } from "../look/theme.ts";
import type { Lookups } from "./around.ts";
import type { Card } from "./card.ts";
import { Frame } from "./frame.ts";
import { Gestures } from "./gestures.ts";
import type { CanvasHost } from "./host.ts";
import { type Live, quiet } from "./live.ts";
import { emptyProjection, type Projection, project } from "./project.ts";
import { emptyScene, type Scene } from "./scene.ts";
import { forgetWidths, widthOf } from "./text.ts";
import { type Box, fitView, unionOf, type View, zoomAbout } from "./view.ts";

/** Between two frames of a flow. */
const flowMs = 40;

export class EditorCanvas {
  readonly scene: Scene = emptyScene();
  projection: Projection = emptyProjection();
  readonly #frame: Frame;
  readonly #gestures: Gestures;
  #view: View = { x: 0, y: 0, scale: 1 };
  #isAsked = false;
  #flow = 0;
  /** The last projection, while its cards are as wide as the fonts want them. */
  #measured: Projection = emptyProjection();
  /** What stands still is another than in the last frame. */
  #isDirty = true;
  /** The smallest scale of the last fit, while nobody has moved the view since: then a resize fits again. */
  #fitted: number | undefined;

  constructor(
    readonly element: HTMLCanvasElement,
    readonly host: CanvasHost,
  ) {
    this.#frame = new Frame(element, this.scene);
    this.#gestures = new Gestures(this);
    // A font with rarer signs may come later than the first frame.
    document.fonts.addEventListener("loadingdone", () => {
      forgetWidths();
      this.#measured = emptyProjection();
      this.dirty();
    });
    new ResizeObserver(() => this.#resize()).observe(element);
    this.#resize();
  }

  show(graph: Graph, lookups: Lookups): void {
    this.#gestures.loosen();
    this.projection = project(graph, lookups, this.#measure, this.#measured);
    this.#measured = this.projection;
    this.dirty();
  }

  /** What is said of the nodes beside the document, and which of them values flow into. */
  tell(live: ReadonlyMap<number, Live>, flowing: ReadonlySet<number>): void {
    this.scene.live = live;
    this.scene.running = flowing;
    this.dirty();
  }

  get cards(): ReadonlyMap<number, Card> {
    return this.projection.cards;
  }
  card(id: number): Card | undefined {
    return this.cards.get(id);
  }
  live(id: number): Live {
    return this.scene.live.get(id) ?? quiet;
  }

  /** Asks for a frame, painted from nothing. */
  dirty(): void {
    this.#isDirty = true;
    this.stir();
  }

  /** Asks for a frame in which nothing differs but what moves: cards that are dragged, a wire in hand, a box, a flow. */
  stir(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    requestAnimationFrame(() => {
      this.#isAsked = false;
      this.#draw();
    });
  }

  get view(): View {
    return this.#view;
  }
  set view(view: View) {
    this.#fitted = undefined;
    this.#view = view;
    this.dirty();
    this.host.viewed();
  }

  /** Nobody has moved the view since it was fitted. */
  get isFitted(): boolean {
    return this.#fitted !== undefined;
  }

  zoom(factor: number, at: Point = [this.element.clientWidth / 2, this.element.clientHeight / 2]): void {
    this.view = zoomAbout(this.view, at[0], at[1], factor);
  }

  /** Shows these nodes, or all; on opening not smaller than 85 %. */
  fit(ids?: ReadonlySet<number>, least = 0.1): void {
    const boxes = this.boxes(ids);
    if (boxes.length === 0) this.view = { x: 100, y: 100, scale: 1 };
    else this.view = fitView(unionOf(boxes), this.element.clientWidth, this.element.clientHeight, least);
    this.#fitted = ids ? undefined : least;
  }

  boxes(ids?: ReadonlySet<number>): Box[] {
    return [...this.projection.cards.values()].filter(({ id }) => !ids || ids.has(id)).map(({ box }) => box);
  }

  /** Window pixels → canvas. */
  toCanvas([x, y]: Point): Point {
    const { left, top } = this.element.getBoundingClientRect();
    const { x: dx, y: dy, scale } = this.view;
    return [(x - left) / scale - dx, (y - top) / scale - dy];
  }
  toScreen([x, y]: Point): Point {
    const { left, top } = this.element.getBoundingClientRect();
    const { x: dx, y: dy, scale } = this.view;
    return [(x + dx) * scale + left, (y + dy) * scale + top];
  }

  /** The middle of what is in sight. */
  get centre(): Point {
    const { left, top, width, height } = this.element.getBoundingClientRect();
    return this.toCanvas([left + width / 2, top + height / 2]);
  }

  #measure = (text: string, font: string): number => {
    const ctx = this.element.getContext("2d") as CanvasRenderingContext2D;
    ctx.font = font;
    return widthOf(ctx, text);
  };

  #resize(): void {
    const { clientWidth, clientHeight } = this.element;
    this.element.width = Math.round(clientWidth * devicePixelRatio);
    this.element.height = Math.round(clientHeight * devicePixelRatio);
    if (this.#fitted !== undefined && clientWidth > 0) this.fit(undefined, this.#fitted);
    this.#isDirty = true;
    this.#draw();
  }

  #draw(): void {
    if (this.element.width === 0) return;
    this.#frame.draw(this.projection, this.#view, !this.#isDirty);
    this.#isDirty = false;
    clearTimeout(this.#flow);
    if (this.scene.running.size > 0) this.#flow = window.setTimeout(() => this.stir(), flowMs);
  }

  set selection(ids: ReadonlySet<number>) {
    this.scene.selection = ids;
    this.dirty();
  }
  set theme(theme: Theme) {
    this.scene.theme = theme;
    this.dirty();
  }
}
