/** `guidegraph restore`: a backup as a data folder, which a server then takes up. */
import { defaultDataFolder } from "../files/data-folder.ts";
import { UsageError } from "../flags/errors.ts";
import { type Flags, parseFlags } from "../flags/grammar.ts";
import type { Command } from "./command.ts";

const flags = {
  data: {
    type: "text",
    help: "the data folder to make, new or empty (GUIDEGRAPH_DATA, else ~/.local/share/guidegraph)",
    value: "DIR",
    short: "o",
  },
} satisfies Flags;

export const restoreCommand: Command = {
  summary: "Make a data folder of a backup.",
  usage: "restore FILE.tar|DIR [--data DIR]",
  description: "Holds every file against its hash; the folder is there when all are right, or not at all.",
  flags,
  async run(args, { out, environment, signal }) {
    const { given, operands } = parseFlags(args, flags);
    const [from, more] = operands;
    if (from === undefined || more !== undefined) throw new UsageError("restore takes one backup");
    const { data = defaultDataFolder(environment) } = given;
    const { restore } = await import("../backup/restore.ts");
    const { history, created } = await restore(from, data, signal);
    const waiting = history.waiting === 0 ? "" : `; ${history.waiting} wait, and run when a server starts there`;
    out(`Restored ${history.runs} runs of ${created} to ${data}${waiting}: guidegraph serve --data ${data}`);
    return 0;
  },
};
