/** The view follows the pointer. */
import type { Point } from "../../edit/graph.ts";
import type { Spot } from "../host.ts";
import type { Gesture } from "./gesture.ts";
import type { Stage } from "./stage.ts";

/** `click`: what it is when the pointer does not move. */
export function pan(stage: Pick<Stage, "view" | "point">, click?: (at: Spot) => void): Gesture {
  let last: Point | undefined;
  const letGo = () => stage.point("default");
  return {
    move({ screen }, event) {
      const from = last ?? [screen[0] - event.movementX, screen[1] - event.movementY];
      const { x, y, scale } = stage.view;
      stage.view = { x: x + (screen[0] - from[0]) / scale, y: y + (screen[1] - from[1]) / scale, scale };
      last = screen;
      stage.point("grabbing");
    },
    click(at) {
      letGo();
      click?.(at);
    },
    drop: letGo,
  };
}
