/** A model on its way to the server: with its card, or with what a person answers. */
import type { Graph, GraphNode } from "../../graphs/document/index.ts";
import type { ModelForm, ModelSummary } from "../../server/protocol.ts";
import { type Notice, put } from "../state/state.ts";
import { documentOf, type Tab } from "../state/tab.ts";
import { dismissed, opened } from "../state/ui.ts";
import { newDocument, openCommand } from "./documents.ts";
import type { Editor } from "./editor.ts";
import { modelFileName } from "./file-names.ts";
import { placeNode } from "./placing.ts";

/** Gives the model once the server has it; undefined when it was given up. Throws what the server says of a file it does not take. */
export async function addModel(editor: Editor, file: File, card?: File): Promise<ModelSummary | undefined> {
  const name = modelFileName(file.name);
  editor.say({ text: `Copying ${name} to the server` }, 600_000);
  const reply = await editor.api.bringModel(file, name, card !== undefined);
  editor.hush();
  const text = await card?.text();
  if ("model" in reply) return listed(editor, reply.model);
  if (text === undefined && reply.form)
    return asked(editor, reply.waits, name, await answered(editor, reply.waits, reply.form, flagsGiven(editor, name)));
  try {
    return await listed(editor, await editor.api.settleModel(reply.waits, { card: text ?? "" }));
  } catch (error) {
    await editor.api.giveUpModel(reply.waits).catch(() => {});
    throw error;
  }
}

/**
 * What nodes that wait for this file say of it: a command that was pasted has said it already. Of the document one looks at
 * first; nothing where two of them disagree, or where the server has a file of this name and they are of that.
 */
function flagsGiven({ state, catalogue, tab }: Editor, file: string): string {
  if (state.models.some(({ id }) => id === file)) return "";
  const within = (graph: Graph): GraphNode[] =>
    graph.nodes.flatMap((node) => [node, ...(node.inner ? within(node.inner) : [])]);
  const loads = ({ type }: GraphNode) =>
    catalogue.byType.get(type)?.inputs.some(({ parameter }) => parameter?.file === "model");
  const saidIn = (tabs: readonly Tab[]) => {
    const waiting = tabs
      .flatMap((tab) => within(documentOf(tab)))
      .filter((node) => loads(node) && node.properties.file === file);
    return new Set(waiting.map(({ properties }) => String(properties.flags ?? "")).filter((flags) => flags !== ""));
  };
  const here = saidIn(tab ? [tab] : []);
  const said = here.size > 0 ? here : saidIn(state.tabs);
  return said.size === 1 ? [...said][0] : "";
}

/** The form with what is known of the model; as it was, where that is of another network. */
const answered = async (editor: Editor, waits: string, form: ModelForm, flags: string): Promise<ModelForm> =>
  flags === "" ? form : editor.api.askModel(waits, { flags }).catch(() => form);

/** It is among the models from now on, and what a graph wants of it is looked at anew. */
async function listed(editor: Editor, model: ModelSummary): Promise<ModelSummary> {
  editor.apply(put({ models: await editor.api.models() }));
  void editor.surveys?.refresh();
  return model;
}

/** Said of a model that has no place in a graph yet: a UNet can be sampled from at once, others are loaded by a node. */
export function tellModel(editor: Editor, model: ModelSummary): void {
  const { id, role, notes = [] } = model;
  const action = role === undefined ? undefined : nextFor(editor, model, role);
  // Beside the graph one looks at, where it would be one node more, the classifier can guide a graph of its own.
  const other = editor.tab && role === "classifier" ? guiding(editor, model) : undefined;
  const assumed = assumedOf(model);
  const all = [...(assumed === undefined ? [] : [assumed]), ...notes];
  const more = all.length > 0 ? { more: all.join("; ") } : {};
  editor.say(
    { text: `${id} is among the models`, ...more, ...(action && { action }), ...(other && { other }) },
    15_000,
  );
}

/** What the file of a UNet that was exported elsewhere does not say of how it was trained, and is taken for granted. */
export function assumedOf({ role, architecture, facts }: ModelSummary): string | undefined {
  if (role !== "unet" || architecture !== "ONNX") return undefined;
  const { noise_schedule, diffusion_steps } = facts?.process ?? {};
  const assumed = [
    ...(noise_schedule === undefined ? ["a linear noise schedule"] : []),
    ...(diffusion_steps === undefined ? ["1000 steps"] : []),
    ...(facts?.predicts === undefined ? ["a prediction of ε"] : []),
  ];
  return assumed.length === 0 ? undefined : `Its file says nothing of it, so assumed: ${assumed.join(", ")}`;
}

function nextFor(editor: Editor, model: ModelSummary, role: NonNullable<ModelSummary["role"]>): Notice["action"] {
  const { id } = model;
  if (role === "unet") return { label: "Sample with it", run: () => void sampleWith(editor, id) };
  const load = (type: string) => () => void placeNode(editor, type, undefined, undefined, undefined, { file: id });
  if (editor.tab)
    return role === "classifier"
      ? { label: "Load it as a classifier", run: load("guidegraph/load-classifier") }
      : { label: "Load it as a network", run: load("guidegraph/load-network") };
  if (role === "classifier") return guiding(editor, model);
  const inNew = () => void newDocument(editor).then(load("guidegraph/load-network"));
  return { label: "Load it in a new graph", run: inNew };
}

function guiding(editor: Editor, model: ModelSummary): Notice["action"] {
  const unet = guidedBy(model, editor.state.models);
  return unet && { label: "Guide with it", run: () => void guideWith(editor, unet.id, model.id) };
}

/** The UNet that a classifier is to guide: one of its size, or, where there is none, any; the graph then says what does not fit. */
function guidedBy({ facts }: ModelSummary, models: readonly ModelSummary[]): ModelSummary | undefined {
  const unets = models.filter(({ role, problem }) => role === "unet" && problem === undefined);
  const fits = ({ facts: of }: ModelSummary) =>
    of?.height === facts?.height && of?.width === facts?.width && of?.channels === facts?.channels;
  return unets.find(fits) ?? unets[0];
}

/** Few steps and few pictures: to see whether it is well. */
const firstLook = "--use_ddim True --timestep_respacing ddim25 --batch_size 4 --num_samples 4";

const guideWith = (editor: Editor, unet: string, id: string): Promise<boolean> =>
  openCommand(editor, `--model_path "${unet}" --classifier_path "${id}" --classifier_scale 1 ${firstLook}`);

const sampleWith = (editor: Editor, id: string): Promise<boolean> =>
  openCommand(editor, `--model_path "${id}" ${firstLook}`);

/** Opens the form. It resolves with the model, or with nothing when the form is closed: then nothing of it is kept. */
function asked(editor: Editor, waits: string, name: string, form: ModelForm): Promise<ModelSummary | undefined> {
  return new Promise((resolve) => {
    const isOpen = () => editor.state.overlay?.is === "modelForm" && editor.state.overlay.waits === waits;
    const end = (model?: ModelSummary) => {
      off();
      resolve(model);
    };
    editor.apply(opened({ is: "modelForm", waits, name, form, edits: {}, done: end }));
    const off = editor.listen(() => {
      if (isOpen()) return;
      end();
      void editor.api.giveUpModel(waits).catch(() => {});
      editor.say({ text: `${name} is not added`, more: "Drop it again to be asked again." });
    });
  });
}

const openForm = (editor: Editor) => (editor.state.overlay?.is === "modelForm" ? editor.state.overlay : undefined);

/** What is in the fields, as flags: what was given before, then all that is shown. */
export function flagsOf(form: ModelForm, edits: Readonly<Record<string, string>>): string {
  const shown = form.asks
    .map(({ flag, value }) => [flag, (edits[flag] ?? value).trim()] as const)
    .filter(([, value]) => value !== "");
  const quoted = (value: string) => (/^[\w.,:/+-]+$/.test(value) ? value : `"${value.replaceAll('"', "")}"`);
  return [form.flags, ...shown.map(([flag, value]) => `--${flag} ${quoted(value)}`)].filter(Boolean).join(" ");
}

export function answer(editor: Editor, flag: string, value: string): void {
  const overlay = openForm(editor);
  if (overlay) editor.apply(opened({ ...overlay, edits: { ...overlay.edits, [flag]: value } }));
}

/** The form that follows from other flags, or from a command; what was typed before gives way to what these say. */
export async function askAgain(
  editor: Editor,
  given: { readonly flags: string; readonly command?: string },
): Promise<void> {
  const overlay = openForm(editor);
  if (!overlay) return;
  try {
    const form = await editor.api.askModel(overlay.waits, given);
    const now = openForm(editor);
    if (now?.waits === overlay.waits) editor.apply(opened({ ...withoutProblem(now), form, edits: {} }));
  } catch (error) {
    refuse(editor, overlay.waits, error as Error);
  }
}

/** Gives it its place, with a card that says all of this. */
export async function settle(editor: Editor): Promise<void> {
  const overlay = openForm(editor);
  if (!overlay) return;
  try {
    const model = await editor.api.settleModel(overlay.waits, { flags: flagsOf(overlay.form, overlay.edits) });
    overlay.done(await listed(editor, model));
    editor.apply(dismissed());
    editor.canvas?.element.focus();
  } catch (error) {
    refuse(editor, overlay.waits, error as Error);
  }
}

/** In one line, in the form, which stays. */
function refuse(editor: Editor, waits: string, { message }: Error): void {
  const overlay = openForm(editor);
  if (overlay?.waits === waits) editor.apply(opened({ ...overlay, problem: message.split("\n")[0] }));
}

const withoutProblem = <T extends { readonly problem?: string }>({ problem: _, ...rest }: T): Omit<T, "problem"> =>
  rest;
