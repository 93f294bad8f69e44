/** `guidegraph export`: a graph as ONNX that runs without GuideGraph. */
import { join } from "node:path";
import { engine } from "../engine/engine.ts";
import { registryWith } from "../engine/own-nodes.ts";
import { writeExport } from "../exporting/write-export.ts";
import { fileAt } from "../files/file-at.ts";
import { UsageError } from "../flags/errors.ts";
import { type Flags, parseFlags } from "../flags/grammar.ts";
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
    if ((await fileAt(out)) !== undefined) throw new UsageError(`${out} is a file: name a folder`);
    const registry = await registryWith(given.nodes);
    const { environment, signal } = terminal;
    const opened = engine({ registry, models, images, cache, environment, signal });
    const document = await withSettings(await readGraph(operands[0]), given.set, registry);
    const note = (text: string) => terminal.err(`${text}\n`);
    const options = { folder: out, isBare: bare, title: operands[0], note, signal };
    const names = await withTitles(document, registry, () => writeExport(opened, document, options));
    for (const name of names) terminal.out(join(out, name));
    return 0;
  },
};
