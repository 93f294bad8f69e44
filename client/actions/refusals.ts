/** Of files that come together: which are not taken, and why, in one notice. Another would take the place of the first. */
import type { Notice } from "../state/state.ts";
import type { Editor } from "./editor.ts";

interface Refusal {
  readonly name: string;
  readonly why: string;
}

/** Of more files the others are counted. */
const most = 4;

export class Refusals {
  readonly #editor: Editor;
  readonly #all: Refusal[] = [];
  #told = 0;
  /** What was said before; and of the refusals by now. */
  #said: Notice | undefined;

  constructor(editor: Editor) {
    this.#editor = editor;
    this.#said = editor.state.notice;
  }

  add(name: string, message: string): void {
    const [first, ...rest] = message.split("\n");
    this.#all.push({ name, why: rest.length > 0 ? `${first} … and ${rest.length} more` : first });
  }

  /** What was said meanwhile of the other files stays in sight, with what it offers to do. */
  tell(): void {
    const { notice } = this.#editor.state;
    const isOfOthers = notice !== undefined && notice !== this.#said;
    if (this.#all.length === 0 || (this.#all.length === this.#told && notice === this.#said)) return;
    this.#told = this.#all.length;
    const { text, more } = wordsOf(this.#all);
    const said: Notice = isOfOthers
      ? { ...notice, more: [notice.more, `${text}:`, more].filter(Boolean).join("\n") }
      : { text, more, bad: true };
    this.#said = said;
    this.#editor.say(said, isOfOthers ? 15_000 : undefined);
  }
}

function wordsOf(refusals: readonly Refusal[]): { readonly text: string; readonly more: string } {
  if (refusals.length === 1) return { text: `“${refusals[0].name}” is not opened`, more: refusals[0].why };
  const lines = refusals.slice(0, most).map(({ name, why }) => `“${name}”: ${why}`);
  const rest = refusals.length > most ? [`… and ${refusals.length - most} more`] : [];
  return { text: `${refusals.length} files are not opened`, more: [...lines, ...rest].join("\n") };
}
