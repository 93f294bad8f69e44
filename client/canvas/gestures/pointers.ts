/** Pointer and wheel on the canvas, for mouse, pen and fingers: each press becomes one gesture, which ends in one edit. */
import type { Point } from "../../edit/graph.ts";
import type { Reach } from "../hit.ts";
import type { Spot } from "../host.ts";
import { Fingers } from "./fingers.ts";
import type { Gesture, Lingering, Press } from "./gesture.ts";
import { hover } from "./hover.ts";
import { openMenu } from "./menu.ts";
import { pan } from "./pan.ts";
import { pinch } from "./pinch.ts";
import type { Stage } from "./stage.ts";
import { gestureAt } from "./table.ts";
import { zoom } from "./zoom.ts";

/** A press that goes no further is a click; a finger is less sure of its place than a mouse. */
const clickReach = { mouse: 4, touch: 10 };
const doubleReach = { mouse: 6, touch: 24 };
const doubleMs = 320;
/** A finger covers what it points at: half of the 32 pixels within which it finds a slot. */
const fingerReach = 16;
const sortOf = ({ pointerType }: PointerEvent) => (pointerType === "touch" ? "touch" : "mouse");

export class Pointers {
  readonly #element: HTMLElement;
  readonly #stage: Stage;
  readonly #fingers = new Fingers();
  #gesture: Gesture | undefined;
  #start: Point = [0, 0];
  #moved = false;
  #lastPress = { ms: 0, at: [0, 0] as Point };
  /** Taken in hand by a click. */
  #lingering: Lingering | undefined;
  #spaceHeld = false;

  constructor(element: HTMLElement, stage: Stage) {
    this.#element = element;
    this.#stage = stage;
    element.style.touchAction = "none";
    element.addEventListener("pointerdown", (event) => this.#down(event));
    element.addEventListener("pointermove", (event) => this.#move(event));
    element.addEventListener("pointerup", (event) => this.#up(event));
    element.addEventListener("pointercancel", (event) => this.#lose(event));
    element.addEventListener("pointerleave", () => stage.host.hover(undefined, [0, 0]));
    element.addEventListener("contextmenu", (event) => event.preventDefault());
    element.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        zoom(stage, event);
      },
      { passive: false },
    );
    addEventListener("keydown", (event) => {
      if (event.code === "Space") this.#spaceHeld = true;
      if (event.key === "Escape") {
        this.#abandon();
        this.letGo();
      }
    });
    addEventListener("keyup", (event) => {
      if (event.code === "Space") this.#spaceHeld = false;
    });
  }

  /** Of what a click took in hand. */
  letGo(): void {
    this.#lingering?.letGo();
    this.#lingering = undefined;
  }

  #down(event: PointerEvent): void {
    const stage = this.#stage;
    this.#element.focus();
    stage.host.hover(undefined, [0, 0]);
    this.#element.setPointerCapture(event.pointerId);
    const at = this.#spot(event);
    if (event.pointerType === "touch") this.#fingers.down(event, at.screen, () => this.#rested(at));
    if (this.#fingers.count >= 2) {
      this.#abandon();
      return;
    }
    this.#start = at.screen;
    this.#moved = false;
    if (event.button === 2) openMenu(stage, at);
    else this.#gesture = event.button === 1 || this.#spaceHeld ? pan(stage) : this.#begin(this.#press(event, at));
  }

  #begin(press: Press): Gesture {
    const hit = this.#stage.hitAt(press.at.canvas, press.isTouch ? this.#fingerReach : undefined);
    const lingering = this.#lingering;
    if (!lingering) return gestureAt(this.#stage, hit, press);
    return {
      click: (at) => {
        if (!lingering.click(hit, at)) this.#lingering = undefined;
      },
    };
  }

  #press(event: PointerEvent, at: Spot): Press {
    const now = performance.now();
    const { ms, at: last } = this.#lastPress;
    const isDouble = now - ms < doubleMs && distance(at.screen, last) < doubleReach[sortOf(event)];
    this.#lastPress = { ms: isDouble ? 0 : now, at: at.screen };
    const { shiftKey: shift, altKey: alt } = event;
    const ctrl = event.ctrlKey || event.metaKey;
    return { at, isTouch: event.pointerType === "touch", isDouble, shift, ctrl, alt };
  }

  #move(event: PointerEvent): void {
    const at = this.#spot(event);
    const apart = this.#fingers.move(event, at.screen);
    if (apart) {
      pinch(this.#stage, apart);
      return;
    }
    if (distance(at.screen, this.#start) > clickReach[sortOf(event)]) {
      this.#moved = true;
      this.#fingers.stir();
    }
    if (!this.#gesture) {
      if (event.pointerType !== "touch") hover(this.#stage, at);
    } else if (this.#moved) this.#gesture.move?.(at, event);
  }

  #up(event: PointerEvent): void {
    this.#fingers.up(event);
    const gesture = this.#gesture;
    this.#gesture = undefined;
    const at = this.#spot(event);
    if (this.#moved) gesture?.drop?.(at);
    else {
      gesture?.click?.(at);
      this.#lingering = gesture?.linger?.() ?? this.#lingering;
    }
    // The finger that stays after two goes on panning.
    if (!gesture && this.#fingers.count === 1) this.#gesture = pan(this.#stage);
  }

  #lose(event: PointerEvent): void {
    this.#fingers.up(event);
    this.#abandon();
  }

  #abandon(): void {
    this.#fingers.stir();
    this.#gesture?.cancel?.();
    this.#gesture = undefined;
  }

  #rested(at: Spot): void {
    this.#abandon();
    openMenu(this.#stage, at);
  }

  #spot({ clientX, clientY }: MouseEvent): Spot {
    const screen: Point = [clientX, clientY];
    return { screen, canvas: this.#stage.toCanvas(screen) };
  }

  get #fingerReach(): Reach {
    const reach = fingerReach / this.#stage.view.scale;
    return { wide: reach, tall: reach };
  }
}

const distance = (a: Point, b: Point): number => Math.hypot(a[0] - b[0], a[1] - b[1]);
