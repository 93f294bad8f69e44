/** One parameter as a widget: number with its range, choice, switch, text, file, seed. The card and the inspector share it. */
import { html, nothing, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import { Dices, RefreshCw } from "lucide";
import { isNumeric } from "../../nodes/kinds.ts";
import type { Editor } from "../actions/editor.ts";
import { newSeed } from "../actions/running.ts";
import { readNumber } from "../edit/expression.ts";
import { nodeOf } from "../edit/graph.ts";
import type { ShownParameter } from "../edit/parameters.ts";
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

/** What the text says, as the parameter's kind wants it; undefined when it says nothing of the sort. */
function readValue(
  { kind, name, parameter: { min, max, integer } }: ShownParameter,
  text: string,
  classes: readonly string[] | undefined,
): unknown {
  if (name === "classes" && classes) return numberedClasses(text, classes);
  if (!isNumeric(kind)) return text;
  const value = readNumber(text.trim());
  if (value === undefined) return undefined;
  const inRange = Math.min(max ?? Number.POSITIVE_INFINITY, Math.max(min ?? Number.NEGATIVE_INFINITY, value));
  return integer ? Math.round(inRange) : inRange;
}

function textField({ editor, node, row, set, done, next }: FieldUse): TemplateResult {
  const { kind, parameter, name, value } = row;
  const holder = nodeOf(editor.graph, node);
  const classes = name === "classes" && holder ? classNamesFor(editor.state, holder) : undefined;
  // As a person reads it: what is not typed anew is no edit.
  const shown = classes && value !== "" ? namedClasses(String(value), classes) : String(value);
  const commit = (input: HTMLInputElement) => {
    if (input.value === shown) return;
    const said = readValue(row, input.value, classes);
    if (said !== undefined && said !== value) set(said);
    else input.value = shown;
  };
  const isRenewed = editor.tab !== undefined && isRenewing(editor.tab, node, name);
  // Pressed before the field beside it loses the focus, and closes.
  const renewal = html`<button class="tool small" aria-pressed=${isRenewed} aria-label="New after each run" title="New after each run"
    @pointerdown=${(event: Event) => event.preventDefault()} @click=${() => editor.apply(inActive((tab) => renewing(tab, node, name)))}>${icon(RefreshCw, 15)}</button>`;
  const draw = () => set(newSeed());
  const nudge = (event: KeyboardEvent, input: HTMLInputElement) => {
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
      if (event.key === "Enter") commit(input);
      return;
    }
    if (event.key === "Tab" && next) {
      commit(input);
      next(event.shiftKey);
    } else if (event.key === "Enter") {
      commit(input);
      done?.();
    } else if (event.key === "Escape") {
      input.value = shown;
      input.blur();
      done?.();
    } else if (isNumeric(kind) && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      const now = Number(readValue(row, input.value, classes) ?? value);
      const size = (parameter.integer ? 1 : 0.1) * (event.shiftKey ? 10 : 1) * (event.key === "ArrowUp" ? 1 : -1);
      const nudged = readValue(row, String(Number((now + size).toPrecision(12))), classes);
      input.value = String(nudged);
      set(nudged, `nudge ${name}`);
    } else return;
    event.stopPropagation();
    event.preventDefault();
  };
  return html`<span class="text-field" data-mono=${isNumeric(kind) || name !== "classes"}>
    <input class="field" aria-label=${name} spellcheck="false" autocomplete="off" inputmode=${isNumeric(kind) ? "decimal" : "text"} list=${classes ? `classes-${node}` : nothing}
      .value=${shown} placeholder=${parameter.empty ?? (parameter.default === "" ? "none" : "")} ${ref(done ? focusOnce : undefined)}
      @keydown=${(event: KeyboardEvent) => nudge(event, event.target as HTMLInputElement)}
      @blur=${(event: Event) => {
        commit(event.target as HTMLInputElement);
        done?.();
      }} />
    ${classes ? html`<datalist id="classes-${node}">${classes.map((one) => html`<option value=${one}></option>`)}</datalist>` : ""}
    ${parameter.seed ? renewal : ""}
    ${parameter.seed && !done ? html`<button class="tool small" aria-label="Draw a new seed" title="Draw a new seed" @click=${draw}>${icon(Dices, 16)}</button>` : ""}
  </span>`;
}
