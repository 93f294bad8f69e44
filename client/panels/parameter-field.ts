/** One parameter as a widget: number with its range, choice, switch, text, file, seed. The card and the inspector share it. */
import { html, nothing, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { ref } from "lit/directives/ref.js";
import { Dices, RefreshCw } from "lucide";
import { isNumeric } from "../../nodes/kinds.ts";
import type { Editor } from "../actions/editor.ts";
import { newSeed } from "../actions/running.ts";
import { nodeOf } from "../edit/graph.ts";
import type { ShownParameter } from "../edit/parameters.ts";
import { inRange, readTyped } from "../edit/typed-number.ts";
import { classNamesFor, namedClasses, numberedClasses } from "../state/class-names.ts";
import { listedFiles } from "../state/listed-files.ts";
import { isRenewing, renewing } from "../state/new-seeds.ts";
import { inActive } from "../state/tabs.ts";
import { focusOnce } from "./focus.ts";
import { icon } from "./icon.ts";

export interface FieldUse {
  readonly editor: Editor;
  readonly node: number;
  readonly row: ShownParameter;
  readonly set: (value: unknown, stroke?: string) => void;
  /** The field floats over its card: it takes the focus, and closes when done. */
  readonly done?: () => void;
  /** Then Tab goes to the card's next field, or to the one before. */
  readonly next?: (isBack: boolean) => void;
}

export function parameterField(use: FieldUse): TemplateResult {
  const { kind, parameter } = use.row;
  if (kind === "boolean") return switchField(use);
  if (parameter.prose) return proseField(use);
  if (parameter.file) return fileField(use);
  if (parameter.choices) {
    const choices = parameter.choices.map((choice) => [choice, choice || (parameter.empty ?? choice)] as const);
    const value = String(use.row.value);
    // What is set may be there no more: a list that showed its first entry instead would hide that.
    return choiceField(
      use,
      parameter.choices.includes(value) ? choices : [[value, `${value} (not there)`], ...choices],
    );
  }
  return textField(use);
}

/** A text that a narrow field would show a piece of has a line of its own, and wraps. */
export const wantsLine = ({ kind, parameter, value }: ShownParameter): boolean =>
  kind === "text" &&
  !parameter.choices &&
  !parameter.file &&
  !parameter.prose &&
  (parameter.formula === true || String(value).length > lettersBeside);
/** In the letters of numbers, beside a name in the inspector. */
const lettersBeside = 14;

type TextElement = HTMLInputElement | HTMLTextAreaElement;

function switchField({ row, set }: FieldUse): TemplateResult {
  return html`<button class="switch" role="switch" aria-checked=${row.value === true} aria-label=${row.name} @click=${() => set(row.value !== true)}><i></i></button>`;
}

/** Written as one types: edits until the field is left are one step back. */
function proseField({ row, set }: FieldUse): TemplateResult {
  const write = (event: Event) => set((event.target as HTMLTextAreaElement).value, row.name);
  return html`<textarea class="field prose" aria-label=${row.name} rows="6" .value=${String(row.value)} @input=${write}></textarea>`;
}

function choiceField(
  { row, set, done, next }: FieldUse,
  choices: readonly (readonly [string, string])[],
): TemplateResult {
  const focus = done ? focusOnce : undefined;
  return html`<select class="field" aria-label=${row.name} ${ref(focus)}
    @change=${(event: Event) => {
      set((event.target as HTMLSelectElement).value);
      done?.();
    }}
    @keydown=${(event: KeyboardEvent) => {
      if (event.key === "Escape") done?.();
      else if (event.key === "Tab" && next) {
        event.preventDefault();
        next(event.shiftKey);
      }
    }}
    @blur=${() => done?.()}>
    ${choices.map(([value, label]) => html`<option value=${value} ?selected=${value === row.value} .selected=${value === row.value}>${label}</option>`)}
  </select>`;
}

function fileField(use: FieldUse): TemplateResult {
  const { editor, row } = use;
  const files = listedFiles(editor.state)[row.parameter.file ?? "model"].map(({ id }) => id);
  const value = String(row.value);
  const all = files.includes(value) ? files : [value, ...files];
  return choiceField(
    use,
    all.map((file) => [file, file === "" ? "choose a file" : files.includes(file) ? file : `${file} (not here)`]),
  );
}

/** What the text says, as the parameter's kind wants it, or why it is none. */
function readValue(
  row: ShownParameter,
  text: string,
  classes: readonly string[] | undefined,
): { readonly value: unknown } | { readonly problem: string } {
  const { kind, name } = row;
  if (name === "classes" && classes) return { value: numberedClasses(text, classes) };
  return isNumeric(kind) ? readTyped(row, text) : { value: text };
}

function textField({ editor, node, row, set, done, next }: FieldUse): TemplateResult {
  const { kind, parameter, name, value } = row;
  const holder = nodeOf(editor.graph, node);
  const classes = name === "classes" && holder ? classNamesFor(editor.state, holder) : undefined;
  // As a person reads it: what is not typed anew is no edit.
  const shown = classes && value !== "" ? namedClasses(String(value), classes) : String(value);
  /** False where what is typed cannot be taken: it stays, to be corrected, and it is said why. */
  const commit = (input: TextElement): boolean => {
    // Where it wraps is for the eye: it is one line.
    const typed = input.value.replace(/\s*\n\s*/g, " ");
    const said = typed === shown ? { value } : readValue(row, typed, classes);
    refuse(input, "problem" in said ? said.problem : undefined);
    if ("problem" in said) return false;
    if (said.value !== value) set(said.value);
    else input.value = shown;
    return true;
  };
  const leave = (input: TextElement) => {
    const isTaken = commit(input);
    if (!done) return;
    if (!isTaken) editor.say({ text: `${name} stays ${shown}`, more: problemAt(input), bad: true });
    done();
  };
  const isRenewed = editor.tab !== undefined && isRenewing(editor.tab, node, name);
  // Pressed before the field beside it loses the focus, and closes.
  const renewal = html`<button class="tool small" aria-pressed=${isRenewed} aria-label="New after each run" title="New after each run"
    @pointerdown=${(event: Event) => event.preventDefault()} @click=${() => editor.apply(inActive((tab) => renewing(tab, node, name)))}>${icon(RefreshCw, 15)}</button>`;
  const draw = () => set(newSeed());
  const nudge = (event: KeyboardEvent, input: TextElement) => {
    // What was typed is undone by the browser; once it is a value, by the editor.
    const step = /^[zy]$/i.test(event.key) && (event.ctrlKey || event.metaKey) && input.value === shown;
    if (step) {
      if (event.key.toLowerCase() === "y" || event.shiftKey) editor.redo();
      else editor.undo();
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) {
      // Nothing runs with another number than the one that is seen.
      if (event.key !== "Enter" || commit(input)) return;
    } else if (event.key === "Tab" && next) {
      if (commit(input)) next(event.shiftKey);
    } else if (event.key === "Enter") {
      if (commit(input)) done?.();
    } else if (event.key === "Escape") {
      input.value = shown;
      refuse(input, undefined);
      input.blur();
      done?.();
    } else if (isNumeric(kind) && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      const typed = readTyped(row, input.value);
      const size = (parameter.integer ? 1 : 0.1) * (event.shiftKey ? 10 : 1) * (event.key === "ArrowUp" ? 1 : -1);
      const nudged = inRange(row, ("value" in typed ? typed.value : Number(value)) + size);
      input.value = String(nudged);
      refuse(input, undefined);
      set(nudged, `nudge ${name}`);
    } else return;
    event.stopPropagation();
    event.preventDefault();
  };
  const on = {
    keydown: (event: KeyboardEvent) => nudge(event, event.target as TextElement),
    input: (event: Event) => refuse(event.target as TextElement, undefined),
    blur: (event: Event) => leave(event.target as TextElement),
  };
  const placeholder = parameter.empty ?? (parameter.default === "" ? "none" : "");
  const focus = done ? focusOnce : undefined;
  // One element however long its text becomes: it keeps the focus.
  const input =
    kind === "text" && !classes
      ? html`<textarea class="field lines" rows="1" aria-label=${name} spellcheck="false" autocomplete="off" .value=${shown} placeholder=${placeholder}
          ${ref(focus)} @keydown=${on.keydown} @input=${on.input} @blur=${on.blur}></textarea>`
      : html`<input class="field" aria-label=${name} spellcheck="false" autocomplete="off" inputmode=${isNumeric(kind) ? "decimal" : "text"} list=${classes ? `classes-${node}` : nothing}
          .value=${shown} placeholder=${placeholder} ${ref(focus)} @keydown=${on.keydown} @input=${on.input} @blur=${on.blur} />`;
  const field = html`<span class="text-field" data-mono=${isNumeric(kind) || name !== "classes"}>
    ${input}
    <small class="refused" role="alert"></small>
    ${classes ? html`<datalist id="classes-${node}">${classes.map((one) => html`<option value=${one}></option>`)}</datalist>` : ""}
    ${parameter.seed ? renewal : ""}
    ${parameter.seed && !done ? html`<button class="tool small" aria-label="Draw a new seed" title="Draw a new seed" @click=${draw}>${icon(Dices, 16)}</button>` : ""}
  </span>`;
  // What was refused is of this field alone, not of the next that stands in its place.
  return html`${keyed(`${node} ${name}`, field)}`;
}

/** Beside what was typed, in one line; undefined: nothing is wrong with it. */
function refuse(input: TextElement, problem: string | undefined): void {
  const line = input.parentElement?.querySelector(".refused");
  if (!line || (line.textContent ?? "") === (problem ?? "")) return;
  line.textContent = problem ?? "";
  if (problem === undefined) input.removeAttribute("aria-invalid");
  else input.setAttribute("aria-invalid", "true");
}

const problemAt = (input: TextElement): string => input.parentElement?.querySelector(".refused")?.textContent ?? "";
