/** `guidegraph run`: a graph, headless. */
import { engine } from "../engine/engine.ts";
import { registryWith } from "../engine/own-nodes.ts";
import { UsageError } from "../flags/errors.ts";
import { type Flags, parseFlags } from "../flags/grammar.ts";
import { chooseProvider } from "../providers/choose.ts";
import { jsonFlag } from "./as-json.ts";
import type { Command } from "./command.ts";
import { execute } from "./execute.ts";
import { weighedBy } from "./on-devices.ts";
import { exampleNames, readGraph, withSettings } from "./read-graph.ts";
import {
  backendFlags,
  devicesFlag,
  devicesOf,
  graphFlags,
  modelFolderFlags,
  precisionFlag,
  rangeFlag,
  rangeOf,
} from "./shared-flags.ts";

const flags = {
  set: {
    type: "list",
    help: 'set a parameter; "7/3.eta=1" names a node by its path',
    value: '"Node title.parameter=value"',
  },
  batches: { type: "integer", min: 1, help: "batches, which follow one another (1, or as many as the range has)" },
  range: rangeFlag,
  out: { type: "text", help: "folder for what it saves (out)", value: "DIR", short: "o" },
  json: jsonFlag("events"),
  devices: devicesFlag,
  precision: precisionFlag,
  ...backendFlags,
  ...modelFolderFlags,
  ...graphFlags,
} satisfies Flags;

export const runCommand: Command = {
  summary: "Run a graph and save what it makes.",
  usage:
    'run graph.json|image.png|samples.npz|EXAMPLE [--set "Node title.parameter=value"]… [--batches N] [--range A..B] [--out DIR] [--json]',
  description: [
    "Runs a graph from its JSON, or from a PNG or NPZ that carries it, and prints the files it wrote. Nothing in\nthe folder is written over; a run of several batches that was interrupted goes on when it is started again.",
    `EXAMPLE is the name of a bundled graph: ${exampleNames.join(", ")}.`,
  ].join("\n"),
  flags,
  async run(args, terminal) {
    const { given, operands } = parseFlags(args, flags);
    if (operands.length !== 1)
      throw new UsageError(
        `run takes one graph file or example, got ${operands.length}: guidegraph run guided-ddim; run --help lists them`,
      );
    const { batches, precision, out = "out", json = false, backend = "auto", threads = 0 } = given;
    const say = (line: string) => terminal.err(`${line}\n`);
    const range = rangeOf(given.range);
    const registry = await registryWith(given.nodes);
    const document = await withSettings(await readGraph(operands[0]), given.set, registry);
    const provider = () => chooseProvider(backend, { threads }, say);
    const { models, images, cache } = given;
    const choices = devicesOf(given);
    const opened = engine({
      registry,
      models,
      images,
      cache,
      environment: terminal.environment,
      signal: terminal.signal,
      provider,
      precision,
      say,
      ...weighedBy(choices),
    });
    const onDevices = choices && {
      choices,
      models: models ?? [],
      images: images ?? [],
      nodes: given.nodes ?? [],
      cache,
      precision,
    };
    await execute(document, { engine: opened, batches, range, out, json, terminal, onDevices });
    return 0;
  },
};
