/** `guidegraph check`: every problem of a graph, without running it. */
import type { Amount, DrawnAmount } from "../../executor/index.ts";
import { checkDocument } from "../engine/documents.ts";
import { engine } from "../engine/engine.ts";
import { registryWith } from "../engine/own-nodes.ts";
import { UsageError } from "../flags/errors.ts";
import { type Flags, parseFlags } from "../flags/grammar.ts";
import { counted, sizeText } from "../units.ts";
import { jsonFlag, noteLines, problemLine } from "./as-json.ts";
import type { Command } from "./command.ts";
import { flattened, linesOf } from "./errors.ts";
import { readGraph, withSettings } from "./read-graph.ts";
import { graphFlags, modelFolderFlags } from "./shared-flags.ts";
import { planNotes, withTitles } from "./titles.ts";

const flags = {
  set: { type: "list", help: "set a parameter first", value: '"Node title.parameter=value"' },
  batches: { type: "integer", min: 1, help: "batches, which follow one another (1)" },
  json: jsonFlag("problems, notes and what a run asks for"),
  ...modelFolderFlags,
  ...graphFlags,
} satisfies Flags;

/** What it asks for, before anybody waits for it. */
function amountText(amount: Amount, batches: number): string {
  const { calls, hasConditions, hasOpenLoops, bytes, files, fileBytes } = amount;
  const each = batches === 1 ? "It" : "Each batch";
  const most = hasOpenLoops
    ? " (loops whose length is computed counted as one step)"
    : hasConditions
      ? " (at most: it has conditions)"
      : "";
  const least = hasConditions || hasOpenLoops ? " at least" : "";
  const saved = files === 0 ? "" : `; the run saves ${counted(files, "file")} of about ${sizeText(fileBytes)}${least}`;
  return `${each} calls nodes ${calls.toLocaleString("en")} times${most} and holds ${sizeText(bytes)} of values${saved}`;
}

const drawnText = ({ title, values, weights }: DrawnAmount, isOnCard: boolean): string =>
  `“${title}” takes ${sizeText(values)} of ${isOnCard ? "the graphics card’s memory" : "it"} while it is differentiated, and ${sizeText(weights)} for networks of its own`;

export const checkCommand: Command = {
  summary: "List every problem of a graph, each with node and port.",
  usage: 'check graph.json|image.png|EXAMPLE [--set "Node title.parameter=value"]… [--batches N] [--json]',
  description: [
    "Plans a graph without running it, and tells what it asks for. Exit status 1 if anything is wrong.",
    'With --json each line has a "type": a problem or note its message and, where it has them, node, title and port;',
    '"asks", which comes where nothing is wrong, calls, bytes, files and fileBytes of a batch, nodes and batches.',
  ].join("\n"),
  flags,
  async run(args, terminal) {
    const { given, operands } = parseFlags(args, flags);
    if (operands.length !== 1) throw new UsageError(`check takes one graph file, got ${operands.length}`);
    const { models, images, cache, json = false } = given;
    const { environment, signal } = terminal;
    const registry = await registryWith(given.nodes);
    const opened = engine({ registry, models, images, cache, environment, signal });
    try {
      const document = await withSettings(await readGraph(operands[0]), given.set, registry);
      const { batches = 1 } = given;
      const {
        plan,
        amount,
        isOnCard = false,
      } = await withTitles(document, registry, () => checkDocument(opened, document, { batches }));
      if (json) {
        const asks = { type: "asks", nodes: plan.steps.length, batches, isOnCard, ...amount };
        for (const line of [...noteLines(document, plan, registry), asks]) terminal.out(JSON.stringify(line));
        return 0;
      }
      terminal.out(`${operands[0]}: no problems, ${plan.steps.length} nodes`);
      terminal.out(amountText(amount, batches));
      for (const one of amount.drawn) terminal.out(drawnText(one, isOnCard));
      for (const line of planNotes(document, plan, registry)) terminal.out(line);
      return 0;
    } catch (error) {
      if (error instanceof UsageError) throw error;
      if (json) for (const problem of flattened(error)) terminal.out(JSON.stringify(problemLine(problem)));
      else for (const line of linesOf(error)) terminal.err(`${line}\n`);
      return 1;
    }
  },
};
