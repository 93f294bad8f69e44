/** Fingers on the canvas: two of them hold what lies between them, and one that rests asks for the menu. */
import type { Point } from "../edit/graph.ts";
import type { EditorCanvas } from "./editor-canvas.ts";

const longPressMs = 550;
/** A finger covers what it points at: half of the 32 pixels within which it finds a slot. */
export const fingerReach = 16;

export class Fingers {
  readonly #at = new Map<number, Point>();
  readonly #canvas: EditorCanvas;
  #rest = 0;

  constructor(canvas: EditorCanvas) {
    this.#canvas = canvas;
  }

  get count(): number {
    return this.#at.size;
  }

  /** `rested`: called when it stays where it is for a while, and alone. */
  down({ pointerId }: PointerEvent, at: Point, rested: () => void): void {
    this.#at.set(pointerId, at);
    this.stir();
    if (this.count === 1) this.#rest = window.setTimeout(rested, longPressMs);
  }

  /** It is no longer at rest. */
  stir(): void {
    clearTimeout(this.#rest);
  }

  up({ pointerId }: PointerEvent): void {
    this.#at.delete(pointerId);
    this.stir();
  }

  /** Whether it was one of two, which pan and zoom together. */
  move({ pointerId }: PointerEvent, to: Point): boolean {
    const from = this.#at.get(pointerId);
    if (!from) return false;
    this.#at.set(pointerId, to);
    if (this.count !== 2) return false;
    const other = [...this.#at].find(([id]) => id !== pointerId)?.[1] ?? to;
    this.#pinch(from, to, other);
    return true;
  }

  /** What lies between two fingers stays between them. */
  #pinch(from: Point, to: Point, other: Point): void {
    const distance = (a: Point, b: Point) => Math.hypot(a[0] - b[0], a[1] - b[1]);
    const { view, element } = this.#canvas;
    const { left, top } = element.getBoundingClientRect();
    const moved = (axis: 0 | 1) => (to[axis] - from[axis]) / 2 / view.scale;
    this.#canvas.view = { x: view.x + moved(0), y: view.y + moved(1), scale: view.scale };
    const middle: Point = [(to[0] + other[0]) / 2 - left, (to[1] + other[1]) / 2 - top];
    this.#canvas.zoom(distance(to, other) / Math.max(1, distance(from, other)), middle);
  }
}
