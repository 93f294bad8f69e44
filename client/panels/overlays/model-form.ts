/** What a checkpoint lacks is asked here, once: what its shapes tell stands above, what fits is offered, a command answers all. */
import { html, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import { X } from "lucide";
import { flagsIn } from "../../../nodes/index.ts";
import type { ModelForm } from "../../../server/protocol.ts";
import type { Editor } from "../../actions/editor.ts";
import { type Added, answer, readCommand, retype, settle, takePreset } from "../../actions/model-form.ts";
import type { Overlay } from "../../state/overlay.ts";
import { dismissed } from "../../state/ui.ts";
import { breakable, unbroken } from "../breakable.ts";
import { focusOnce } from "../focus.ts";
import { icon } from "../icon.ts";

declare module "../../state/overlay.ts" {
  interface Overlays {
    modelForm: {
      /** The id under which the server keeps it meanwhile. */
      readonly waits: string;
      readonly name: string;
      readonly form: ModelForm;
      /** What was typed since the form came, by flag. */
      readonly edits: Readonly<Record<string, string>>;
      /** Why the server did not take it. */
      readonly problem?: string;
      /** The command that was read last, or is being read. */
      readonly command?: string;
      /** What it says of the sampling, as flags. */
      readonly sampling?: string;
      /** The form that follows from what was given last is on its way. */
      readonly looking?: Promise<void>;
      /** It is to be added once that is known. */
      readonly isAdding?: true;
      readonly done: (added: Added) => void;
    };
  }
}

type Form = Overlay<"modelForm">;

export function modelFormDialog(editor: Editor, overlay: Form): TemplateResult {
  const { name, form, problem } = overlay;
  const close = () => editor.apply(dismissed());
  // A command that still has the focus, or was refused, is no less said.
  const add = ({ currentTarget }: Event) => {
    const typed = (currentTarget as HTMLElement).closest(".model-form")?.querySelector("textarea")?.value ?? "";
    void readCommand(editor, typed);
    void settle(editor);
  };
  const key = (event: KeyboardEvent) => {
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && !(event.target instanceof HTMLTextAreaElement && !event.ctrlKey)) add(event);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const first = form.asks.find(({ needed }) => needed) ?? form.asks[0];
  const isQuiet = overlay.looking !== undefined || Object.keys(overlay.edits).length > 0;
  const said = problem ?? (isQuiet ? undefined : form.problem);
  return html`<div class="veil" @click=${(event: Event) => event.target === event.currentTarget && close()}>
    <div class="dialog model-form" role="dialog" aria-modal="true" aria-label="What ${name} does not tell" @keydown=${key}>
      <header><h2>${name}</h2><button class="tool" aria-label="Close" title="Close: it is not added" @click=${close}>${icon(X)}</button></header>
      <div class="scroll">
        <dl>${form.tells.map(({ name, value }) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
        ${presets(editor, form)}
        ${pasted(editor)} ${form.notes.map((note) => html`<p class="help">${unbroken(note)}</p>`)}
        <div class="asks">${form.asks.map((asked) => row(editor, overlay, asked, asked === first))}</div>
      </div>
      <footer>
        <p class="problem" role="alert">${said === undefined ? "" : inShort(said)}</p>
        <button class="plain" @click=${close}>Cancel</button>
        <button class="run" aria-busy=${overlay.looking !== undefined || overlay.isAdding === true} @click=${add}>Add the model</button>
      </footer>
    </div>
  </div>`;
}

/** It stands under the file's name, in the form that asks; flags are not broken. */
const inShort = (said: string): (TemplateResult | string)[] =>
  flagsIn(
    said
      .replace(/^Cannot (?:use checkpoint|read) "[^"]*": (?:its shapes do not tell everything: )?/, "")
      .replace(/, or put them in (?:a card \(\.json\) beside it|its card "[^"]*")$/, ""),
  ).map(({ text, flag }) => (flag === undefined ? text : html`<code>${text}</code>`));

function presets(editor: Editor, { presets }: ModelForm): TemplateResult | "" {
  if (presets.length === 0) return "";
  return html`<div class="chips" role="group" aria-label="Released checkpoints of these shapes">
    <span>Its shapes are those of</span>
    ${presets.map(({ names, flags }) => html`<button title=${flags} @click=${() => void takePreset(editor, flags)}>${names.join(" or ")}</button>`)}
  </div>`;
}

const sources = { given: "", preset: "as released", default: "assumed", nobody: "" } as const;

function row(editor: Editor, { edits }: Form, asked: ModelForm["asks"][number], isFirst: boolean): TemplateResult {
  const { flag, help, from, needed, choices } = asked;
  const value = edits[flag] ?? asked.value;
  const source = edits[flag] === undefined ? sources[from] : "";
  const set = (event: Event) => answer(editor, flag, (event.target as HTMLInputElement | HTMLSelectElement).value);
  const first = isFirst ? ref(focusOnce) : "";
  return html`<label class="row" data-missing=${needed === true && value === ""}>
    <code>${breakable(flag)}</code>
    ${
      choices
        ? html`<select class="field" aria-label=${flag} @change=${set} ${first}>
            ${value === "" ? html`<option value="" selected></option>` : ""}
            ${choices.map((choice) => html`<option value=${choice} .selected=${choice === value}>${choice}</option>`)}</select>`
        : html`<input class="field" aria-label=${flag} spellcheck="false" autocomplete="off" .value=${value} @input=${set} ${first} />`
    }
    <small>${unbroken(help)}${source === "" ? "" : html` <em>${source}</em>`}</small>
  </label>`;
}

/** What was pasted answers at once; what was typed, when the field is left. */
function pasted(editor: Editor): TemplateResult {
  const read = (event: Event) => void readCommand(editor, (event.target as HTMLTextAreaElement).value);
  return html`<label class="paste"><span>Paste the command it was trained or sampled with, or answer below</span>
    <textarea class="field prose" rows="2" spellcheck="false" aria-label="A command" placeholder="python image_train.py --image_size 64 --num_channels 128 …"
      @change=${read} @input=${() => retype(editor)} @paste=${(event: Event) => setTimeout(() => read(event))}></textarea></label>`;
}
