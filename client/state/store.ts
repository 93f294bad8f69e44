/** The one place where a state becomes the next; who listens is told what that changed. */
import { type Change, changesBetween } from "./changes.ts";
import type { State, Transition } from "./state.ts";

/** `before`: the state that was; the same as now where something beside it changed. */
export type Listener = (changes: ReadonlySet<Change>, before: State) => void;

export class Store {
  #state: State;
  readonly #listeners = new Set<Listener>();

  constructor(state: State) {
    this.#state = state;
  }

  get state(): State {
    return this.#state;
  }

  /** One after another, told as one. */
  apply(...transitions: readonly Transition[]): void {
    const before = this.#state;
    this.#state = transitions.reduce((state, transition) => transition(state), before);
    if (this.#state !== before) this.#tell(changesBetween(before, this.#state), before);
  }

  /** For what lies beside the state: runs and their pictures, the view of the canvas. */
  changed(what: Change): void {
    this.#tell(new Set([what]), this.#state);
  }

  /** Gives what ends it. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(changes: ReadonlySet<Change>, before: State): void {
    for (const listener of this.#listeners) listener(changes, before);
  }
}
