/** Pointer and wheel on the canvas, for mouse, pen and fingers: each press becomes one gesture, which ends in one edit. */
import type { Point } from "../edit/graph.ts";
import type { Drag } from "./drag.ts";
import { dragBox, dragCards, dragEdge, dragGroup, dragReroute, dragRow, pan, renameGroup } from "./drags.ts";
import type { EditorCanvas } from "./editor-canvas.ts";
import { Fingers, fingerReach } from "./fingers.ts";
import { type Hit, hitAt } from "./hit.ts";
import type { HoverTarget, Spot } from "./host.ts";
import { TappedWire } from "./tapped-wire.ts";
import { dragWire } from "./wiring.ts";

/** What the pointer rests on, where there is something to say of it. */
function hoverTarget(hit: Hit): HoverTarget | undefined {
  if (hit.on === "link") return hit;
  if (hit.on === "row") return { on: "slot", id: hit.card.id, side: "input", name: hit.card.look.rows[hit.row].name };
  if (hit.on === "card" || hit.on === "opener") return { on: "card", id: hit.card.id };
  if (hit.on !== "slot") return undefined;
  const { card, side, index } = hit;
  return { on: "slot", id: card.id, side, name: card[`${side}s`][index].name };
}

/** A press that goes no further is a click; a finger is less sure of its place than a mouse. */
const clickReach = { mouse: 4, touch: 10 };
const doubleReach = { mouse: 6, touch: 24 };
const sortOf = ({ pointerType }: PointerEvent) => (pointerType === "touch" ? "touch" : "mouse");

export class Gestures {
  #drag: Drag | undefined;
  #start: Point = [0, 0];
  #moved = false;
  #lastClick = { at: 0, x: 0, y: 0 };
  readonly #fingers: Fingers;
  /** Begun by a tap on a slot. */
  #tapped: TappedWire | undefined;
  #spaceHeld = false;

  constructor(readonly canvas: EditorCanvas) {
    const { element } = canvas;
    this.#fingers = new Fingers(canvas);
    element.style.touchAction = "none";
    element.addEventListener("pointerdown", (event) => this.#down(event));
    element.addEventListener("pointermove", (event) => this.#move(event));
    element.addEventListener("pointerup", (event) => this.#up(event));
    element.addEventListener("pointercancel", (event) => this.#lose(event));
    element.addEventListener("pointerleave", () => canvas.host.hover(undefined, [0, 0]));
    element.addEventListener("contextmenu", (event) => event.preventDefault());
    element.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    addEventListener("keydown", (event) => {
      if (event.code === "Space") this.#spaceHeld = true;
      if (event.key === "Escape") {
        this.#abandon();
        this.loosen();
      }
    });
    addEventListener("keyup", (event) => {
      if (event.code === "Space") this.#spaceHeld = false;
    });
  }

  #spot({ clientX, clientY }: MouseEvent): Spot {
    return { screen: [clientX, clientY], canvas: this.canvas.toCanvas([clientX, clientY]) };
  }

  #down(event: PointerEvent): void {
    const { canvas } = this;
    canvas.element.focus();
    canvas.host.hover(undefined, [0, 0]);
    canvas.element.setPointerCapture(event.pointerId);
    const at = this.#spot(event);
    if (event.pointerType === "touch") this.#fingers.down(event, at.screen, () => this.#rested(at));
    if (this.#fingers.count >= 2) {
      this.#abandon();
      return;
    }
    this.#start = at.screen;
    this.#moved = false;
    if (event.button === 2) {
      this.#menu(at);
      return;
    }
    this.#drag = event.button === 1 || this.#spaceHeld ? pan(canvas) : this.#begin(at, event);
  }

  #begin(at: Spot, event: PointerEvent): Drag | undefined {
    const { canvas } = this;
    const [x, y] = at.canvas;
    const isTouch = event.pointerType === "touch";
    const hit = isTouch ? this.#touched(at) : hitAt(canvas, x, y);
    const now = performance.now();
    const again =
      now - this.#lastClick.at < 320 &&
      Math.hypot(at.screen[0] - this.#lastClick.x, at.screen[1] - this.#lastClick.y) < doubleReach[sortOf(event)];
    this.#lastClick = { at: again ? 0 : now, x: at.screen[0], y: at.screen[1] };
    if (this.#tapped) return { end: (end, moved) => !moved && this.#tap(hit, end) };
    if (hit.on === "slot") return isTouch ? this.#touchSlot(hit) : dragWire(canvas, hit);
    if (hit.on === "opener") return { end: (_, moved) => !moved && canvas.host.open(hit.card.id) };
    if (hit.on === "card" && again && hit.card.look.opens) return { end: () => canvas.host.open(hit.card.id) };
    if (hit.on === "card" && again && hit.card.look.form === "note")
      return { end: () => canvas.host.write(hit.card.id) };
    if (hit.on === "edge") return dragEdge(canvas, hit.card);
    if (hit.on === "row") return dragRow(canvas, hit.card, hit.row, event);
    if (hit.on === "card") return dragCards(canvas, hit.card, event);
    if (hit.on === "group") return again ? { end: () => renameGroup(canvas, hit.index) } : dragGroup(canvas, hit.index);
    if (hit.on === "link" && event.altKey) return dragReroute(canvas, hit.id, at);
    if (hit.on === "nothing" && again) return { end: () => canvas.host.palette(at) };
    if (event.ctrlKey || event.metaKey) return dragBox(canvas, at, event.shiftKey);
    const clicked = hit.on === "link" ? hit.id : undefined;
    return pan(canvas, (end) => {
      if (clicked !== undefined) canvas.host.menu(end, { on: "link", id: clicked });
      else canvas.host.select(new Set());
    });
  }

  #move(event: PointerEvent): void {
    const at = this.#spot(event);
    if (this.#fingers.move(event, at.screen)) return;
    if (Math.hypot(at.screen[0] - this.#start[0], at.screen[1] - this.#start[1]) > clickReach[sortOf(event)]) {
      this.#moved = true;
      this.#fingers.stir();
    }
    if (this.#drag) {
      this.#moved ? this.#drag.move?.(at, event) : undefined;
      return;
    }
    if (event.pointerType !== "touch") this.#hover(at);
  }

  #hover({ canvas: [x, y], screen }: Spot): void {
    const { canvas } = this;
    const hit = hitAt(canvas, x, y);
    canvas.host.hover(hoverTarget(hit), screen);
    const link = hit.on === "link" ? hit.id : undefined;
    if (link !== canvas.scene.hoveredLink) {
      canvas.scene.hoveredLink = link;
      canvas.stir();
    }
    const pointers: Partial<Record<typeof hit.on, string>> = {
      slot: "crosshair",
      row: "pointer",
      opener: "pointer",
      edge: "ew-resize",
      link: "pointer",
    };
    canvas.element.style.cursor = pointers[hit.on] ?? "default";
  }

  #up(event: PointerEvent): void {
    this.#fingers.up(event);
    const drag = this.#drag;
    this.#drag = undefined;
    drag?.end?.(this.#spot(event), this.#moved, event);
    // The finger that stays after two goes on panning.
    if (!drag && this.#fingers.count === 1) this.#drag = pan(this.canvas);
  }

  #lose(event: PointerEvent): void {
    this.#fingers.up(event);
    this.#abandon();
  }

  #abandon(): void {
    this.#fingers.stir();
    this.#drag?.cancel?.();
    this.#drag = undefined;
  }

  #rested(at: Spot): void {
    this.#abandon();
    this.#menu(at);
  }

  /** The graph is another: the wire in hand is let go. */
  loosen(): void {
    this.#tapped?.drop();
    this.#tapped = undefined;
  }

  #touched({ canvas: [x, y] }: Spot): Hit {
    const reach = fingerReach / this.canvas.view.scale;
    return hitAt(this.canvas, x, y, reach, reach);
  }

  /** A finger that moves pulls a wire out; one that taps takes it in hand. */
  #touchSlot(hit: Extract<Hit, { on: "slot" }>): Drag {
    const wire = dragWire(this.canvas, hit);
    return {
      ...wire,
      end: (at, moved, event) => {
        wire.end?.(at, moved, event);
        if (!moved) this.#tapped = new TappedWire(this.canvas, hit);
      },
    };
  }

  #tap(hit: Hit, at: Spot): void {
    if (this.#tapped?.tap(hit, at) === "done") this.#tapped = undefined;
  }

  #menu(at: Spot): void {
    const { host } = this.canvas;
    const hit = hitAt(this.canvas, at.canvas[0], at.canvas[1]);
    if (hit.on === "link") {
      host.menu(at, { on: "link", id: hit.id });
      return;
    }
    if (hit.on === "nothing" || hit.on === "group") {
      host.menu(at, { on: "canvas" });
      return;
    }
    if (!this.canvas.scene.selection.has(hit.card.id)) host.select(new Set([hit.card.id]));
    host.menu(at, { on: "node", id: hit.card.id });
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const { left, top } = this.canvas.element.getBoundingClientRect();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    const factor = Math.exp(-Math.max(-240, Math.min(240, event.deltaY * lines)) * (event.ctrlKey ? 0.01 : 0.0016));
    this.canvas.zoom(factor, [event.clientX - left, event.clientY - top]);
  }
}
