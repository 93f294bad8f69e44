/** `guidegraph export`: a graph as ONNX that runs without GuideGraph. */
import { join } from "node:path";
import { type Exported, exportPlan, manifestOf } from "../../export/index.ts";
import type { OnnxModel } from "../../onnx/index.ts";
import { npzPieces } from "../../runtime/index.ts";
import { capsOf } from "../engine/caps.ts";
import { planDocument } from "../engine/documents.ts";
import { engine } from "../engine/engine.ts";
import { registryWith } from "../engine/own-nodes.ts";
import { writeAtomically, writePieces } from "../files/atomic.ts";
import { writeModelFile } from "../files/built-models.ts";
import { wantFree, writeTogether } from "../files/new-folder.ts";
import { packageVersion } from "../files/package-root.ts";
import { UsageError } from "../flags/errors.ts";
import { type Flags, parseFlags } from "../flags/grammar.ts";
import { nativeProvider } from "../providers/native.ts";
import { sizeText } from "../units.ts";
import type { Command } from "./command.ts";
import { exampleNames, readGraph, withSettings } from "./read-graph.ts";
import { graphFlags, modelFolderFlags } from "./shared-flags.ts";
import { withTitles } from "./titles.ts";

const flags = {
  out: { type: "text", help: "folder for what it writes; nothing there is written over", value: "DIR", short: "o" },
  set: {
    type: "list",
    help: 'set a parameter; "7/3.eta=1" names a node by its path',
    value: '"Node title.parameter=value"',
  },
  bare: { type: "switch", help: "without inputs.npz, the noise and labels that the graph itself would take" },
  ...modelFolderFlags,
  ...graphFlags,
} satisfies Flags;

const [sampler, manifest, inputs] = ["sampler.onnx", "manifest.json", "inputs.npz"];

export const exportCommand: Command = {
  summary: "Write a graph as ONNX that runs anywhere.",
  usage: 'export graph.json|image.png|EXAMPLE -o DIR [--set "Node title.parameter=value"]… [--bare]',
  description: [
    "Writes sampler.onnx, the whole graph with its loops and networks; step.onnx, one step of its loop; manifest.json,",
    "what goes in and comes out; inputs.npz, what to give it for the picture that `run` draws. Any onnxruntime runs",
    `them, without GuideGraph: docs/export.md.\nEXAMPLE is the name of a bundled graph: ${exampleNames.join(", ")}.`,
  ].join("\n"),
  flags,
  async run(args, terminal) {
    const { given, operands } = parseFlags(args, flags);
    if (operands.length !== 1) throw new UsageError(`export takes one graph file or example, got ${operands.length}`);
    const { out, bare = false, models, images, cache } = given;
    if (!out) throw new UsageError("export needs -o DIR");
    wantFree(out, [sampler, manifest]);
    const registry = await registryWith(given.nodes);
    const opened = engine({ registry, models, images, cache, environment: terminal.environment });
    const document = await withSettings(await readGraph(operands[0]), given.set, registry);
    const exported = await withTitles(document, registry, async () => {
      const { plan } = await planDocument(opened, document);
      const { networks, images, tensors } = opened;
      return exportPlan(plan, { networks, images, tensors, signal: terminal.signal });
    });
    for (const { title, why } of exported.leftOut) terminal.err(`“${title}” is left out: ${why}\n`);
    for (const { node, value, by } of exported.builtIn)
      terminal.err(`${node.title}.${node.port} is built in as ${value}, no input: “${by}” computes with it\n`);
    const { count, isOpen, isMixed } = exported.samples;
    if (isMixed) terminal.err("It takes as many samples as here: some of them are draws of others\n");
    else if (!isOpen)
      terminal.err(`It takes ${count} samples at a time: something in it is another for each of them\n`);
    await wantRoom(out, exported, bare);
    const title = document.about.title || operands[0];
    const names = await writeTogether(out, manifest, async (scratch) => {
      const steps = exported.steps.map((_, i) => (exported.steps.length > 1 ? `step-${i + 1}.onnx` : "step.onnx"));
      await writeLoadable(join(scratch, sampler), exported.sampler);
      for (const [i, { model }] of exported.steps.entries()) await writeLoadable(join(scratch, steps[i]), model);
      if (!bare) await writeInputs(join(scratch, inputs), exported);
      const files = { sampler, steps, inputs: bare ? undefined : inputs };
      const about = manifestOf(exported, { version: packageVersion(), title, files });
      await writePieces(join(scratch, manifest), [new TextEncoder().encode(textOf(about))]);
    });
    for (const name of names) terminal.out(join(out, name));
    return 0;
  },
};

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

async function wantRoom(folder: string, { sampler, steps, inputs }: Exported, bare: boolean): Promise<void> {
  const weights = [sampler, ...steps.map(({ model }) => model)].flatMap(({ graph }) => [
    ...graph.initializers.values(),
  ]);
  const values = bare ? [] : inputs.map(({ atHand }) => 4 * atHand.dims.reduce((a, b) => a * b, 1));
  const bytes = [...weights.map(({ data }) => data.byteLength), ...values].reduce((a, b) => a + b, 0);
  const { fileBytes } = capsOf(0, folder);
  if (bytes > fileBytes)
    throw new Error(
      `It would write about ${sizeText(bytes)}, and there is room for ${sizeText(fileBytes)} in ${folder}`,
    );
}
