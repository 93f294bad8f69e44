/**
 * The labels of a run's pictures, as its NPZ has them beside the pictures (arr_1): drawn ones are known from there alone.
 * Only that array is read, however large the file is.
 */
import { readNpz } from "../../runtime/codecs/index.ts";
import type { RunView } from "../runs/run-view.ts";
import { hasEnded } from "../runs/run-view.ts";
import { put } from "../state/state.ts";
import type { Editor } from "./editor.ts";

/** Of so many pictures they are read; a list of more is no help. */
const mostLabels = 100_000;

/** Undefined until they are read, which asking begins; none where no file of the run has any. */
export function labelsOf(editor: Editor, run: RunView): readonly number[] | undefined {
  const { id } = run.summary;
  const known = editor.state.labels.get(id);
  if (known !== undefined) return known === "reading" ? undefined : known;
  if (!hasEnded(run)) return undefined;
  // What is drawn asks, and is drawn anew once it is known.
  queueMicrotask(() => void look(editor, run));
  return undefined;
}

async function look(editor: Editor, { summary }: RunView): Promise<void> {
  if (editor.state.labels.has(summary.id)) return;
  const set = (labels: readonly number[] | "reading") =>
    editor.apply((state) => put({ labels: new Map(state.labels).set(summary.id, labels) })(state));
  set("reading");
  for (const { name, missing } of summary.outputs.filter(({ name }) => name.endsWith(".npz"))) {
    const labels = missing ? [] : await read(editor, summary.id, name).catch(() => []);
    if (labels.length > 0) return set(labels);
  }
  set([]);
}

async function read(editor: Editor, run: string, name: string): Promise<readonly number[]> {
  const { size } = await editor.api.outputPart(run, name, 0, 1);
  const source = {
    name,
    size,
    read: async (offset: number, length: number) =>
      length === 0 ? new Uint8Array() : (await editor.api.outputPart(run, name, offset, offset + length)).bytes,
  };
  const array = await (await readNpz(source)).get("arr_1")?.();
  return array && array.dims.length === 1 && array.dims[0] <= mostLabels ? Array.from(array.data, Number) : [];
}
