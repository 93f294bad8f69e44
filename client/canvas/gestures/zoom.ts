/** The wheel zooms about the pointer. */
import type { Stage } from "./stage.ts";

export function zoom(stage: Pick<Stage, "zoom">, event: WheelEvent): void {
  const lines = event.deltaMode === event.DOM_DELTA_LINE ? 16 : 1;
  const turned = Math.max(-240, Math.min(240, event.deltaY * lines));
  stage.zoom(Math.exp(-turned * (event.ctrlKey ? 0.01 : 0.0016)), [event.clientX, event.clientY]);
}
