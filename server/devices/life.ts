/**
 * How far a run is. It goes on, and never back:
 *
 *   waiting ── somebody listens ─▶ drawing ── all is done, or nobody listens any more ──────────────────▶ over
 *                                     └─ it fails, is late or cancelled ─▶ stopping ─ all have let go ─▶ over
 *
 * What becomes of it is told once: complete is succeeded, an error is the RunStopped that it was stopped with. One that is
 * stopping may succeed still, where its last device was done when it was told.
 */
import type { Subscriber } from "rxjs";
import type { RunEvent } from "../../executor/index.ts";
import type { PreviewMessage } from "../channel/messages.ts";
import type { RunStopped } from "./run-stopped.ts";

export type Said = RunEvent | PreviewMessage;

type State =
  | { readonly is: "waiting" | "drawing" | "over" }
  /** `silent`: the node at which it is stopped from outside, which cannot say so itself. */
  | { readonly is: "stopping"; readonly why: RunStopped; readonly silent: string | undefined };

export class Life {
  #state: State = { is: "waiting" };
  #listener: Subscriber<Said> | undefined;

  get is(): State["is"] {
    return this.#state.is;
  }

  /** Devices may come to it. */
  get isDrawing(): boolean {
    return this.is === "drawing";
  }

  /** Nobody is given anything more. */
  get isEnding(): boolean {
    return this.is === "stopping" || this.is === "over";
  }

  begin(listener: Subscriber<Said>): void {
    this.#listener = listener;
    this.#state = { is: "drawing" };
  }

  say(said: Said): void {
    this.#listener?.next(said);
  }

  /** False where it is stopped or over already. */
  stop(why: RunStopped, silent: string | undefined): boolean {
    if (this.isEnding) return false;
    this.#state = { is: "stopping", why, silent };
    return true;
  }

  /** All of it is done. `before`: what is still to be seen to when it is over, and nobody has heard of it. */
  succeed(before: () => void): void {
    if (this.is === "over") return;
    this.#state = { is: "over" };
    before();
    this.#listener?.complete();
  }

  /** All who were told to stop have. */
  endStopped(before: () => void): void {
    const state = this.#state;
    if (state.is !== "stopping") return;
    const { why, silent } = state;
    this.#state = { is: "over" };
    before();
    if (why.failure && silent !== undefined)
      this.say({ type: "node", path: silent, state: "failed", message: why.failure.message });
    this.#listener?.error(why);
  }

  /** Nobody listens any more. False where it was over already. */
  abandon(): boolean {
    if (this.is === "over") return false;
    this.#state = { is: "over" };
    return true;
  }
}
