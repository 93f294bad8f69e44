/** `guidegraph backup`: everything in a data folder as one file, or one folder. */
import { unmasked } from "../../graphs/document/index.ts";
import { defaultDataFolder } from "../files/data-folder.ts";
import { UsageError } from "../flags/errors.ts";
import { type Flags, parseFlags } from "../flags/grammar.ts";
import { sizeText } from "../units.ts";
import type { Command } from "./command.ts";

const flags = {
  out: { type: "text", help: "the archive to write, or the folder", value: "FILE.tar|DIR", short: "o" },
  data: {
    type: "text",
    help: "the data folder (GUIDEGRAPH_DATA, else ~/.local/share/guidegraph)",
    value: "DIR",
  },
} satisfies Flags;

const named = 5;

export const backupCommand: Command = {
  summary: "Back up all that a server keeps.",
  usage: "backup [--data DIR] -o FILE.tar|DIR",
  description:
    "Writes the history, graphs, samplers, uploaded models and pictures, and what runs made, with a hash of each, while a server runs or not. Models in other folders (--models) are not in it, nor tokens, the trash and built models.",
  flags,
  async run(args, { err, out, environment, signal }) {
    const { given, operands } = parseFlags(args, flags);
    if (operands.length > 0) throw new UsageError(`backup takes no "${operands[0]}"`);
    const { out: to, data = defaultDataFolder(environment) } = given;
    if (to === undefined || to === "")
      throw new UsageError("backup needs a place to write to: -o FILE.tar or a folder");
    const { backUpAll } = await import("../backup/back-up.ts");
    const { manifest, bytes, amiss } = await backUpAll(data, to, { signal });
    const { history, files, without } = manifest;
    if (without.length > 0) err(`${without.length} runs were removed meanwhile and are not in it\n`);
    for (const { path, why } of amiss.slice(0, named)) err(`${unmasked(path)} ${why}\n`);
    if (amiss.length > named) err(`and ${amiss.length - named} more files that are not in it as they should be\n`);
    out(`Backed up ${history.runs} runs and ${files.length} files (${sizeText(bytes)}) to ${to}`);
    return 0;
  },
};
