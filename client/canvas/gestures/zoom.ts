/** The wheel zooms about the pointer; with Ctrl, or by a pinch on a touchpad, finely: one notch is a step of a fifth at most. */
import type { Stage } from "./stage.ts";

export function zoom(stage: Pick<Stage, "zoom">, event: WheelEvent): void {
  const lines = event.deltaMode === event.DOM_DELTA_LINE ? 16 : 1;
  const turned = Math.max(-240, Math.min(240, event.deltaY * lines));
  // A pinch comes as a wheel with Ctrl, of a few pixels an event; a real wheel with Ctrl turns 100 or more.
  const exponent = event.ctrlKey ? Math.max(-0.18, Math.min(0.18, turned * 0.01)) : turned * 0.0016;
  stage.zoom(Math.exp(-exponent), [event.clientX, event.clientY]);
}
