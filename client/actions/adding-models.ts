/** A model on its way to the server: with its card, or with what a person answers. */
import type { Graph, GraphNode } from "../../graphs/document/index.ts";
import type { ModelForm, ModelSummary } from "../../server/protocol.ts";
import type { Notice } from "../state/state.ts";
import { documentOf, type Tab } from "../state/tab.ts";
import { newDocument, openCommand } from "./documents.ts";
import type { Editor } from "./editor.ts";
import { modelFileName } from "./file-names.ts";
import { type Added, asked, listed } from "./model-form.ts";
import { placeNode } from "./placing.ts";

/** Gives the model once the server has it; undefined when it was given up. Throws what the server says of a file it does not take. */
export async function addModel(editor: Editor, file: File, card?: File): Promise<Added | undefined> {
  const name = modelFileName(file.name);
  editor.say({ text: `Copying ${name} to the server` }, 600_000);
  const reply = await editor.api.bringModel(file, name, card !== undefined);
  editor.hush();
  const text = await card?.text();
  if ("model" in reply) return { model: await listed(editor, reply.model) };
  if (text === undefined && reply.form)
    return asked(editor, reply.waits, name, await answered(editor, reply.waits, reply.form, flagsGiven(editor, name)));
  try {
    return { model: await listed(editor, await editor.api.settleModel(reply.waits, { card: text ?? "" })) };
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

/** Said of a model that has no place in a graph yet: a UNet can be sampled from at once, others are loaded by a node. */
export function tellModel(editor: Editor, { model, sampling = "" }: Added): void {
  const { id, role, notes = [] } = model;
  const action = role === undefined ? undefined : nextFor(editor, model, role, sampling);
  // Beside the graph one looks at, where it would be one node more, the classifier can guide a graph of its own.
  const other = editor.tab && role === "classifier" ? guiding(editor, model, sampling) : undefined;
  const assumed = assumedOf(model);
  const all = [
    ...(sampling === "" || role === undefined ? [] : [`A graph of it samples as the command says: ${sampling}`]),
    ...(assumed === undefined ? [] : [assumed]),
    ...notes,
  ];
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

/** Said where a node has taken it: its graph says how it is sampled. */
export function tellLoaded(editor: Editor, { model, sampling = "" }: Added): void {
  if (sampling === "") return;
  const more = `The graph it is loaded in says how it is sampled. Not taken of the command: ${sampling}`;
  editor.say({ text: `${model.id} is among the models`, more }, 15_000);
}

function nextFor(
  editor: Editor,
  model: ModelSummary,
  role: NonNullable<ModelSummary["role"]>,
  sampling: string,
): Notice["action"] {
  const { id } = model;
  if (role === "unet") return { label: "Sample with it", run: () => void sampleWith(editor, id, sampling) };
  const load = (type: string) => () => void placeNode(editor, type, undefined, undefined, undefined, { file: id });
  if (editor.tab)
    return role === "classifier"
      ? { label: "Load it as a classifier", run: load("guidegraph/load-classifier") }
      : { label: "Load it as a network", run: load("guidegraph/load-network") };
  if (role === "classifier") return guiding(editor, model, sampling);
  const inNew = () => void newDocument(editor).then(load("guidegraph/load-network"));
  return { label: "Load it in a new graph", run: inNew };
}

function guiding(editor: Editor, model: ModelSummary, sampling: string): Notice["action"] {
  const unet = guidedBy(model, editor.state.models);
  return unet && { label: "Guide with it", run: () => void guideWith(editor, unet.id, model.id, sampling) };
}

/** The UNet that a classifier is to guide: one of its size, or, where there is none, any; the graph then says what does not fit. */
function guidedBy({ facts }: ModelSummary, models: readonly ModelSummary[]): ModelSummary | undefined {
  const unets = models.filter(({ role, problem }) => role === "unet" && problem === undefined);
  const fits = ({ facts: of }: ModelSummary) =>
    of?.height === facts?.height && of?.width === facts?.width && of?.channels === facts?.channels;
  return unets.find(fits) ?? unets[0];
}

/** Few pictures, and few steps: to see whether it is well. */
const few = "--batch_size 4 --num_samples 4";
const firstLook = `--use_ddim True --timestep_respacing ddim25 ${few}`;

/** As a command said it that was pasted for the model; how many pictures, where that says nothing, are few. */
function samplingAs(said: string): string {
  if (said === "") return firstLook;
  return /--(?:num_samples|batch_size)\b/.test(said) ? said : `${few} ${said}`;
}

const guideWith = (editor: Editor, unet: string, id: string, said: string): Promise<boolean> =>
  openCommand(editor, `--model_path "${unet}" --classifier_path "${id}" --classifier_scale 1 ${samplingAs(said)}`);

const sampleWith = (editor: Editor, id: string, said: string): Promise<boolean> =>
  openCommand(editor, `--model_path "${id}" ${samplingAs(said)}`);
