/** Panels and overlays: what opens, and what closes with what. */
import type { Overlay } from "./overlay.ts";
import type { State, Transition } from "./state.ts";

/** What stands where the canvas is, beside all panels, while one reads it; others lie where they were asked for. */
export const isOverStage = ({ is }: Overlay): boolean => is === "problems" || is === "queue" || is === "kept";

export const opened =
  (overlay: Overlay): Transition =>
  (state) => ({ ...state, overlay });

/** `only`: unless another is open by now. */
export const dismissed =
  (only?: Overlay): Transition =>
  (state) =>
    state.overlay && (!only || state.overlay === only) ? { ...state, overlay: undefined } : state;

export const toggledQueue: Transition = (state) => ({
  ...state,
  overlay: state.overlay?.is === "queue" ? undefined : { is: "queue" },
});

export const toggledLeft =
  (panel: NonNullable<State["left"]>): Transition =>
  (state) => ({ ...state, left: state.left === panel ? undefined : panel });

export const toggled =
  (panel: "left" | "inspector" | "strip"): Transition =>
  (state) =>
    panel === "left" ? { ...state, left: state.left ? undefined : "nodes" } : { ...state, [panel]: !state[panel] };

/** Nothing but the canvas; all panels again where there is nothing but it. */
export const focused: Transition = (state) => {
  const open = state.left !== undefined || state.inspector || state.strip;
  return { ...state, left: open ? undefined : "nodes", inspector: !open, strip: !open };
};

export const withBatches =
  (batches: number): Transition =>
  (state) => ({ ...state, batches: Math.max(1, Math.min(1000, batches)) });

/** Unless it was answered by another meanwhile. */
export const hushed =
  (notice: State["notice"]): Transition =>
  (state) =>
    state.notice && state.notice === notice ? { ...state, notice: undefined } : state;
