/** The form that asks what a checkpoint lacks: what was typed, what is being looked up for it, and the answer that adds it. */
import type { ModelForm, ModelSummary } from "../../server/protocol.ts";
import type { Overlay } from "../state/overlay.ts";
import { put } from "../state/state.ts";
import { dismissed, opened } from "../state/ui.ts";
import type { Editor } from "./editor.ts";

type Form = Overlay<"modelForm">;

export interface Added {
  readonly model: ModelSummary;
  /** What a command that was pasted says of the sampling, as flags. */
  readonly sampling?: string;
}

/** It is among the models from now on, and what a graph wants of it is looked at anew. */
export async function listed(editor: Editor, model: ModelSummary): Promise<ModelSummary> {
  editor.apply(put({ models: await editor.api.models() }));
  void editor.surveys?.refresh();
  return model;
}

/** Opens the form. It resolves with the model, or with nothing when the form is closed: then nothing of it is kept. */
export function asked(editor: Editor, waits: string, name: string, form: ModelForm): Promise<Added | undefined> {
  return new Promise((resolve) => {
    const end = (added?: Added) => {
      off();
      resolve(added);
    };
    editor.apply(opened({ is: "modelForm", waits, name, form, edits: {}, done: end }));
    const off = editor.listen(() => {
      if (formOf(editor, waits)) return;
      end();
      void editor.api.giveUpModel(waits).catch(() => {});
      editor.say({ text: `${name} is not added`, more: "Drop it again to be asked again." });
    });
  });
}

/** The form that is open: any, or the one for this model. */
function formOf({ state: { overlay } }: Editor, waits?: string): Form | undefined {
  return overlay?.is === "modelForm" && (waits === undefined || overlay.waits === waits) ? overlay : undefined;
}

type Passing = "problem" | "looking" | "command" | "isAdding";

/** What is not among the changes stays, but for what is taken away. */
function change(editor: Editor, waits: string, changes: Partial<Form>, ...without: Passing[]): void {
  const form = formOf(editor, waits);
  if (!form) return;
  const kept = Object.entries(form).filter(([name]) => !without.includes(name as Passing));
  editor.apply(opened({ ...(Object.fromEntries(kept) as typeof form), ...changes }));
}

/** What is in the fields, as flags: what was given before, then all that is shown. */
function flagsOf(form: ModelForm, edits: Readonly<Record<string, string>>): string {
  const shown = form.asks
    .map(({ flag, value }) => [flag, (edits[flag] ?? value).trim()] as const)
    .filter(([, value]) => value !== "");
  const quoted = (value: string) => (/^[\w.,:/+-]+$/.test(value) ? value : `"${value.replaceAll('"', "")}"`);
  return [form.flags, ...shown.map(([flag, value]) => `--${flag} ${quoted(value)}`)].filter(Boolean).join(" ");
}

export function answer(editor: Editor, flag: string, value: string): void {
  const form = formOf(editor);
  if (form) change(editor, form.waits, { edits: { ...form.edits, [flag]: value } }, "problem");
}

/** A command is being typed: what was said of the one before is no longer so. */
export function retype(editor: Editor): void {
  const form = formOf(editor);
  if (form?.problem !== undefined) change(editor, form.waits, {}, "problem", "command");
}

/** What a released checkpoint of these shapes was made with. */
export const takePreset = (editor: Editor, flags: string): Promise<void> => lookUp(editor, () => ({ flags }));

/** What the command says goes over what was asked and answered so far. The same one is read once. */
export async function readCommand(editor: Editor, typed: string): Promise<void> {
  const command = typed.trim();
  const open = formOf(editor);
  if (!open || command === "" || command === open.command) return;
  await lookUp(
    editor,
    ({ form, edits }) => {
      const answered = form.asks.filter(({ flag }) => edits[flag] !== undefined);
      return { flags: flagsOf({ ...form, asks: answered }, edits), command };
    },
    { command },
  );
}

/**
 * The form that follows from other flags, or from a command: what was typed before gives way to what these say. One look at a
 * time, each at what the one before has come to.
 */
function lookUp(
  editor: Editor,
  given: (form: Form) => { readonly flags: string; readonly command?: string },
  more: Partial<Form> = {},
): Promise<void> {
  const open = formOf(editor);
  if (!open) return Promise.resolve();
  const { waits } = open;
  const look = async () => {
    await open.looking;
    const before = formOf(editor, waits);
    if (!before) return;
    try {
      const form = await editor.api.askModel(waits, given(before));
      const edits = Object.entries(formOf(editor, waits)?.edits ?? {}).filter(
        ([flag, value]) => before.edits[flag] !== value,
      );
      const { sampling = before.sampling } = form;
      change(editor, waits, { form, edits: Object.fromEntries(edits), ...(sampling !== undefined && { sampling }) });
    } catch (error) {
      change(editor, waits, { problem: inALine(error) }, "command");
    }
    if (formOf(editor, waits)?.looking === looking) change(editor, waits, {}, "looking");
  };
  const looking: Promise<void> = look();
  change(editor, waits, { ...more, looking }, "problem");
  return looking;
}

/** Gives it its place, with a card that says all of this, once what is being looked up is known. */
export async function settle(editor: Editor): Promise<void> {
  const open = formOf(editor);
  if (!open || open.isAdding) return;
  const { waits } = open;
  change(editor, waits, { isAdding: true }, "problem");
  for (let form = formOf(editor, waits); form?.looking; form = formOf(editor, waits)) await form.looking;
  const form = formOf(editor, waits);
  // What was looked up was refused: that comes first.
  if (!form || form.problem !== undefined) return change(editor, waits, {}, "isAdding");
  try {
    const model = await editor.api.settleModel(waits, { flags: flagsOf(form.form, form.edits) });
    const { sampling } = form;
    form.done({ model: await listed(editor, model), ...(sampling !== undefined && { sampling }) });
    editor.apply(dismissed());
    editor.canvas?.element.focus();
  } catch (error) {
    change(editor, waits, { problem: inALine(error) }, "isAdding");
  }
}

const inALine = (error: unknown): string => (error as Error).message.split("\n")[0];
