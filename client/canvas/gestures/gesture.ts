/** What a press becomes, until the pointer is lifted. */
import type { Hit, HitKind } from "../hit.ts";
import type { Spot } from "../host.ts";
import type { Stage } from "./stage.ts";

export interface Gesture {
  /** Called once the pointer has gone further than a click does. */
  move?(at: Spot, event: PointerEvent): void;
  /** It was lifted where it had been pressed. */
  click?(at: Spot): void;
  /** It was lifted elsewhere. */
  drop?(at: Spot): void;
  cancel?(): void;
  /** What a click takes in hand, for the next one to put down. */
  linger?(): Lingering;
}

export interface Lingering {
  /** Whether it is still in hand afterwards. */
  click(hit: Hit, at: Spot): boolean;
  letGo(): void;
}

export interface Press {
  readonly at: Spot;
  readonly isTouch: boolean;
  /** The second of two in quick succession. */
  readonly isDouble: boolean;
  readonly shift: boolean;
  /** ⌘ on a Mac. */
  readonly ctrl: boolean;
  readonly alt: boolean;
}

/** How a gesture begins at what was hit; `Needs` is all that it knows of the stage. */
export type Begin<On extends HitKind, Needs extends keyof Stage> = (
  stage: Pick<Stage, Needs>,
  hit: Hit<On>,
  press: Press,
) => Gesture;

/** Done when the pointer is lifted, wherever. */
export const onceLifted = (act: () => void): Gesture => ({ click: act, drop: act });
