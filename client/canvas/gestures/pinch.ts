/** What lies between two fingers stays between them. */
import type { Point } from "../../edit/graph.ts";
import type { Apart } from "./fingers.ts";
import type { Stage } from "./stage.ts";

export function pinch(stage: Pick<Stage, "view" | "zoom">, { from, to, other }: Apart): void {
  const distance = (a: Point, b: Point) => Math.hypot(a[0] - b[0], a[1] - b[1]);
  const { x, y, scale } = stage.view;
  const moved = (axis: 0 | 1) => (to[axis] - from[axis]) / 2 / scale;
  stage.view = { x: x + moved(0), y: y + moved(1), scale };
  const middle: Point = [(to[0] + other[0]) / 2, (to[1] + other[1]) / 2];
  stage.zoom(distance(to, other) / Math.max(1, distance(from, other)), middle);
}
