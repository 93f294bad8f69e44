/** A graph as the files of its export: the models, what to give them, and a manifest that says what is what. */
import { join } from "node:path";
import { type Exported, exportPlan, manifestOf } from "../../export/index.ts";
import type { GraphDocument } from "../../graphs/document/index.ts";
import type { OnnxModel } from "../../onnx/index.ts";
import { npzPieces } from "../../runtime/index.ts";
import { planDocument } from "../engine/documents.ts";
import type { Engine } from "../engine/engine.ts";
import { wantRoom } from "../engine/room.ts";
import { writeAtomically, writePieces } from "../files/atomic.ts";
import { writeModelFile } from "../files/built-models.ts";
import { wantFree, writeTogether } from "../files/new-folder.ts";
import { packageVersion } from "../files/package-root.ts";
import { nativeProvider } from "../providers/native.ts";

export interface ExportFilesOptions {
  /** Nothing that is there is written over. */
  readonly folder: string;
  /** Without what the graph itself would take. */
  readonly isBare?: boolean;
  /** Where the document has none. */
  readonly title: string;
  /** Is told what is left out, built in, or of so many samples alone, in sentences and before anything is written. */
  note(text: string): void;
  readonly signal: AbortSignal;
}

const [sampler, manifest, inputs] = ["sampler.onnx", "manifest.json", "inputs.npz"];

/** Resolves to the names of the files, the manifest's last. Throws what cannot be exported, with its node, and where it finds no room. */
export async function writeExport(
  engine: Engine,
  document: GraphDocument,
  { folder, isBare = false, title, note, signal }: ExportFilesOptions,
): Promise<readonly string[]> {
  wantFree(folder, [sampler, manifest]);
  const { plan } = await planDocument(engine, document);
  const { networks, images, tensors } = engine;
  const exported = await exportPlan(plan, { networks, images, tensors, signal });
  const notes = exportNotes(exported);
  for (const text of notes) note(text);
  wantRoomFor(folder, exported, isBare);
  return writeTogether(folder, manifest, async (scratch) => {
    const steps = exported.steps.map((_, i) => (exported.steps.length > 1 ? `step-${i + 1}.onnx` : "step.onnx"));
    await writeLoadable(join(scratch, sampler), exported.sampler);
    for (const [i, { model }] of exported.steps.entries()) await writeLoadable(join(scratch, steps[i]), model);
    if (!isBare) await writeInputs(join(scratch, inputs), exported);
    const files = { sampler, steps, inputs: isBare ? undefined : inputs };
    const about = manifestOf(exported, {
      version: packageVersion(),
      title: document.about.title || title,
      files,
      notes,
    });
    await writePieces(join(scratch, manifest), [new TextEncoder().encode(textOf(about))]);
  });
}

function exportNotes({ leftOut, builtIn, samples: { count, isOpen, isMixed, why } }: Exported): string[] {
  const fixed = isMixed
    ? ["It takes as many samples as here: some of them are draws of others"]
    : isOpen
      ? []
      : [`It takes ${count} samples at a time: ${why}`];
  return [
    ...leftOut.map(({ title, why }) => `“${title}” is left out: ${why}`),
    ...builtIn.map(
      ({ node, value, by }) => `${node.title}.${node.port} is built in as ${value}, no input: “${by}” computes with it`,
    ),
    ...fixed,
  ];
}

/** As JSON that people read: a list of numbers or words is one line. */
function textOf(about: object): string {
  const oneLine = (_: string, list: string): string => `[${list.replace(/\s*\n\s*/g, " ")}]`;
  return `${JSON.stringify(about, undefined, 2).replace(/\[\s+([^[\]{}]*?)\s+\]/g, oneLine)}\n`;
}

/** Throws one line where a runtime does not take what was written. */
async function writeLoadable(path: string, model: OnnxModel): Promise<void> {
  await writeModelFile(path, model);
  const { createSession } = nativeProvider("cpu", { threads: 0 });
  const session = await createSession({ model: path, bytes: 0, external: [] });
  await session.release();
}

/** Row by row: the noise of many steps is never held. */
async function writeInputs(path: string, { inputs }: Exported): Promise<void> {
  const arrays = inputs.map(({ name, type, atHand }) => {
    const read = async function* () {
      for (const { buffer, byteOffset, byteLength } of atHand.values())
        yield new Uint8Array(buffer, byteOffset, byteLength);
    };
    return [name, { type, dims: atHand.dims, read }] as const;
  });
  await writeAtomically(path, async (file) => {
    for await (const piece of npzPieces(Object.fromEntries(arrays), {})) await file.writeFile(piece);
  });
}

function wantRoomFor(folder: string, { sampler, steps, inputs }: Exported, bare: boolean): void {
  const weights = [sampler, ...steps.map(({ model }) => model)].flatMap(({ graph }) => [
    ...graph.initializers.values(),
  ]);
  const values = bare ? [] : inputs.map(({ atHand }) => 4 * atHand.dims.reduce((a, b) => a * b, 1));
  const bytes = [...weights.map(({ data }) => data.byteLength), ...values].reduce((a, b) => a + b, 0);
  wantRoom(folder, "The export", bytes);
}
