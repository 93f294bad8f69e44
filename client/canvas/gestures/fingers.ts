/** Which fingers are on the canvas, where, and whether the only one rests. */
import type { Point } from "../../edit/graph.ts";

const longPressMs = 550;

export interface Apart {
  readonly from: Point;
  readonly to: Point;
  /** Where the second finger is. */
  readonly other: Point;
}

export class Fingers {
  readonly #at = new Map<number, Point>();
  #rest = 0;

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

  /** How it moved, if it is one of two. */
  move({ pointerId }: PointerEvent, to: Point): Apart | undefined {
    const from = this.#at.get(pointerId);
    if (!from) return undefined;
    this.#at.set(pointerId, to);
    if (this.count !== 2) return undefined;
    const other = [...this.#at].find(([id]) => id !== pointerId)?.[1] ?? to;
    return { from, to, other };
  }
}
