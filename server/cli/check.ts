/** `guidegraph check`: every problem of a graph, without running it. */
import { checkDocument } from "../engine/documents.ts";
import { engine } from "../engine/engine.ts";
import { registryWith } from "../engine/own-nodes.ts";
import { UsageError } from "../flags/errors.ts";
import { type Flags, parseFlags } from "../flags/grammar.ts";
import type { Command } from "./command.ts";
import { linesOf } from "./errors.ts";
import { readGraph, withSettings } from "./read-graph.ts";
import { graphFlags, modelFolderFlags } from "./shared-flags.ts";
import { withTitles } from "./titles.ts";

const flags = {
  set: { type: "list", help: "set a parameter first", value: '"Node title.parameter=value"' },
  ...modelFolderFlags,
  ...graphFlags,
} satisfies Flags;

export const checkCommand: Command = {
  summary: "List every problem of a graph, each with node and port.",
  usage: "check graph.json|image.png|EXAMPLE",
  description: "Plans a graph without running it. Exit status 1 if anything is wrong.",
  flags,
  async run(args, terminal) {
    const { given, operands } = parseFlags(args, flags);
    if (operands.length !== 1) throw new UsageError(`check takes one graph file, got ${operands.length}`);
    const { models, images, cache } = given;
    const { environment } = terminal;
    const registry = await registryWith(given.nodes);
    const opened = engine({ registry, models, images, cache, environment });
    try {
      const document = await withSettings(await readGraph(operands[0]), given.set, registry);
      const { steps } = await withTitles(document, registry, () => checkDocument(opened, document));
      terminal.out(`${operands[0]}: no problems, ${steps.length} steps`);
      return 0;
    } catch (error) {
      if (error instanceof UsageError) throw error;
      for (const line of linesOf(error)) terminal.err(`${line}\n`);
      return 1;
    }
  },
};
