/** The canvas as the editor knows it: shows a graph, says where things are, paints a frame only when something changed. */
import type { Graph, GraphNode } from "../../graphs/document/index.ts";
import type { Point } from "../edit/graph.ts";
import type { Theme } from "../look/theme.ts";
import type { Card } from "./card.ts";
import { Pointers } from "./gestures/pointers.ts";
import type { Stage } from "./gestures/stage.ts";
import type { Lookups } from "./givens.ts";
import { standsBy } from "./hand.ts";
import { cardAt, hitAt, outputOf, slotAt } from "./hit.ts";
import type { CanvasHost } from "./host.ts";
import { type Live, quiet } from "./live.ts";
import { Painter } from "./paint/painter.ts";
import { emptyProjection, type Projection, project } from "./project.ts";
import { emptyScene, type Scene } from "./scene.ts";
import { forgetWidths, widthOf } from "./text.ts";
import { type Box, fitView, unionOf, type View, zoomAbout } from "./view.ts";

/** Between two frames of a flow. */
const flowMs = 40;

/** CSS pixels, as `styles/frame.css` has them. */
const barsHeight = 52;

export class EditorCanvas {
  readonly #ctx: CanvasRenderingContext2D;
  readonly #painter: Painter;
  readonly #pointers: Pointers;
  #projection: Projection = emptyProjection();
  #lookups: Lookups | undefined;
  /** The last projection, while its cards are as wide as the fonts want them. */
  #measured: Projection = emptyProjection();
  #scene: Scene = emptyScene;
  #view: View = { x: 0, y: 0, scale: 1 };
  /** The smallest scale of the last fit, while nobody has moved the view since: then a resize fits again. */
  #fitted: number | undefined;
  /** The window and the width of the canvas at the last resize. */
  #room = "";
  #isAsked = false;
  /** What stands still is another than in the last frame. */
  #isDirty = true;
  #flow = 0;

  constructor(
    readonly element: HTMLCanvasElement,
    readonly host: CanvasHost,
  ) {
    this.#ctx = element.getContext("2d") as CanvasRenderingContext2D;
    this.#painter = new Painter(element);
    this.#pointers = new Pointers(element, this.#stage());
    // A font with rarer signs may come later than the first frame.
    document.fonts.addEventListener("loadingdone", () => {
      forgetWidths();
      this.#measured = emptyProjection();
      this.dirty();
    });
    new ResizeObserver(() => this.#resize()).observe(element);
    this.#resize();
  }

  // What is shown

  show(graph: Graph, lookups: Lookups): void {
    this.#pointers.letGo();
    this.#lookups = lookups;
    this.#projection = project(graph, lookups, this.#measure, this.#measured);
    this.#measured = this.#projection;
    this.dirty();
  }
  /** The outline that a node of the graph would have, were it in it. */
  boxOf(node: GraphNode, graph: Graph): Box {
    if (!this.#lookups) return [...node.pos, 0, 0];
    const alone = { ...graph, nodes: [node], links: [], groups: [] };
    return project(alone, this.#lookups, this.#measure).cards.get(node.id)!.box;
  }
  /** What is said of the nodes beside the document, and which of them values flow into. */
  tell(live: ReadonlyMap<number, Live>, flowing: ReadonlySet<number>): void {
    this.#stand({ live, flowing });
  }
  set selection(selection: ReadonlySet<number>) {
    this.#stand({ selection });
  }
  set theme(theme: Theme) {
    this.#stand({ theme });
  }

  get scene(): Scene {
    return this.#scene;
  }
  get cards(): ReadonlyMap<number, Card> {
    return this.#projection.cards;
  }
  card(id: number): Card | undefined {
    return this.cards.get(id);
  }
  /** The card at a point of the window. */
  cardUnder(screen: Point): Card | undefined {
    return cardAt(this.#projection, this.toCanvas(screen));
  }
  live(id: number): Live {
    return this.#scene.live.get(id) ?? quiet;
  }
  boxes(ids?: ReadonlySet<number>): Box[] {
    return [...this.cards.values()].filter(({ id }) => !ids || ids.has(id)).map(({ box }) => box);
  }

  // From where one looks

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
  /** About a point of the window. */
  zoom(factor: number, about: Point = this.#middle): void {
    const { left, top } = this.element.getBoundingClientRect();
    this.view = zoomAbout(this.view, about[0] - left, about[1] - top, factor);
  }
  /** Shows these nodes, or all, but no smaller than at the scale `least`; what a run will take of the room stays free. */
  fit(ids?: ReadonlySet<number>, least = 0.1): void {
    const boxes = this.boxes(ids);
    const { clientWidth, clientHeight } = this.element;
    if (boxes.length === 0) this.view = { x: 100, y: 100, scale: 1 };
    else this.view = fitView(unionOf(boxes), clientWidth, clientHeight - this.host.reserved(), least);
    this.#fitted = ids ? undefined : least;
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
  /** The part of the canvas that is in sight. */
  get seen(): Box {
    const { x, y, scale } = this.view;
    return [-x, -y, this.element.clientWidth / scale, this.element.clientHeight / scale];
  }
  /** Without what lies under the bars at its upper edge: where one is, and the zoom. */
  get clear(): Box {
    const [x, y, width, height] = this.seen;
    const bars = barsHeight / this.view.scale;
    return [x, y + bars, width, Math.max(0, height - bars)];
  }
  /** The middle of what is seen. */
  get centre(): Point {
    return this.toCanvas(this.#middle);
  }
  get #middle(): Point {
    const { left, top, width, height } = this.element.getBoundingClientRect();
    return [left + width / 2, top + height / 2];
  }

  // Frames

  /** Asks for a frame, painted from nothing. */
  dirty(): void {
    this.#isDirty = true;
    this.#stir();
  }
  /** Asks for a frame in which nothing differs but what moves: cards that are dragged, a wire in hand, a box, a flow. */
  #stir(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    requestAnimationFrame(() => {
      this.#isAsked = false;
      this.#paint();
    });
  }
  /** Something that stands still is another. */
  #stand(change: Partial<Scene>): void {
    this.#scene = { ...this.#scene, ...change };
    this.dirty();
  }

  #paint(): void {
    if (this.element.width === 0) return;
    this.#painter.paint(this.#projection, this.#view, this.#scene, !this.#isDirty);
    this.#isDirty = false;
    clearTimeout(this.#flow);
    if (this.#scene.flowing.size > 0) this.#flow = window.setTimeout(() => this.#stir(), flowMs);
  }

  #resize(): void {
    const { clientWidth, clientHeight } = this.element;
    this.element.width = Math.round(clientWidth * devicePixelRatio);
    this.element.height = Math.round(clientHeight * devicePixelRatio);
    // What a run puts below the canvas, its entry and its film, moves nothing on it.
    const room = `${innerWidth} ${innerHeight} ${clientWidth}`;
    const isLower = room === this.#room && this.host.isRunning();
    if (this.#fitted !== undefined && clientWidth > 0 && !isLower) this.fit(undefined, this.#fitted);
    this.#room = room;
    this.#isDirty = true;
    this.#paint();
  }

  #measure = (text: string, font: string): number => {
    this.#ctx.font = font;
    return widthOf(this.#ctx, text);
  };

  #stage(): Stage {
    const canvas = this;
    const { element, host } = this;
    return {
      host,
      get cards() {
        return canvas.cards;
      },
      get groups() {
        return canvas.#projection.graph._groups;
      },
      get selection() {
        return canvas.#scene.selection;
      },
      get view() {
        return canvas.view;
      },
      set view(view) {
        canvas.view = view;
      },
      zoom: (factor, about) => canvas.zoom(factor, about),
      toCanvas: (screen) => canvas.toCanvas(screen),
      toScreen: (at) => canvas.toScreen(at),
      hitAt: (at, reach) =>
        hitAt({ projection: canvas.#projection, scale: canvas.#view.scale, ctx: canvas.#ctx }, at, reach),
      slotAt: (at, reach) => slotAt(canvas.#projection, at, reach),
      cardAt: (at) => cardAt(canvas.#projection, at),
      outputOf: (link) => outputOf(canvas.#projection, link),
      hold(hand) {
        const before = canvas.#scene.hand;
        canvas.#scene = { ...canvas.#scene, hand };
        if (standsBy(before) === standsBy(hand)) canvas.#stir();
        else canvas.dirty();
      },
      place(cards, groups) {
        for (const [id, at] of cards) canvas.card(id)?.pos.set(at);
        for (const [index, at] of groups) canvas.#projection.graph._groups[index]?.pos.set(at);
        // The frame of a group lies under everything.
        if (groups.size > 0) canvas.dirty();
        else canvas.#stir();
      },
      raise(card) {
        const { _nodes } = canvas.#projection.graph;
        _nodes.push(..._nodes.splice(_nodes.indexOf(card), 1));
      },
      mark(link) {
        if (link === canvas.#scene.hoveredLink) return;
        canvas.#scene = { ...canvas.#scene, hoveredLink: link };
        canvas.#stir();
      },
      point(cursor) {
        element.style.cursor = cursor;
      },
    };
  }
}
