/** From a command that somebody pasted to its graph. The files it names are looked for among the listed ones only. */
import { basename } from "node:path";
import { writeDocument } from "../../graphs/document/index.ts";
import { near } from "../../spelling/index.ts";
import type { Engine } from "../engine/engine.ts";
import { UsageError } from "../flags/errors.ts";
import { type Flags, parseFlags } from "../flags/grammar.ts";
import type { CommandReply } from "../protocol.ts";
import { sampleDocument } from "./document.ts";
import { sampleFlags } from "./flags.ts";
import { batchesOf, nameIn, planSample, type SampleFiles } from "./plan.ts";
import { notReadYet } from "./unread.ts";
import { sampleCommand } from "./words.ts";

/** Throws a UsageError or a GraphError, in the words of the command line. */
export async function commandGraph(engine: Engine, command: string): Promise<CommandReply> {
  const { args, origin, fork, notes: read } = sampleCommand(command);
  const { taken, left } = takenOf(args, fork);
  const { given, operands } = parseFlags(taken, sampleFlags);
  if (operands.length > 0) throw new UsageError(`The command has a word that belongs to no flag: "${operands[0]}"`);
  if (!given.model_path) throw new UsageError("The command names no --model_path");
  if (given.classifier_path && given.base_samples)
    throw new UsageError("The command has --classifier_path and --base_samples: one of them");
  const notes = [...read];
  if (left.length > 0) notes.push(notTaken(left));
  const absent: string[] = [];
  const files = listed(engine, { say: (line) => notes.push(line), absent: (name) => absent.push(name) });
  const sample = await planSample(files, given, origin);
  if (absent.length > 0) {
    notes.unshift(notReadYet(absent, sample));
  }
  return { graph: writeDocument(sampleDocument(sample, { show: true })), batches: batchesOf(given), notes };
}

/** The flags come first: where a notice has room for its beginning alone, they are seen. */
export const notTaken = (left: readonly string[]): string =>
  `not taken: ${left.join(", ")} (none of the reference's sampling scripts has it)`;

/**
 * The flags that we know, and the others with their values, for people: scripts that began as the reference's have flags of
 * their own. In the reference's script one that is near to ours is mistyped, and left for the grammar to refuse.
 */
export function takenOf(
  args: readonly string[],
  fork: boolean,
  flags: Flags = sampleFlags,
): { taken: readonly string[]; left: readonly string[] } {
  const taken: string[] = [];
  const left: string[] = [];
  let into = fork ? left : taken;
  for (const arg of args) {
    const [, name] = /^--([\w-]+)/.exec(arg) ?? [];
    if (name !== undefined) {
      const known = Object.hasOwn(flags, name);
      into = known || (!fork && near(name, Object.keys(flags)).length > 0) ? taken : left;
    }
    if (into === left && name === undefined && left.length > 0) left[left.length - 1] += ` ${arg}`;
    else into.push(arg);
  }
  return { taken, left };
}

/**
 * A path was another machine's: only its last name says which file is meant. One that is not listed is named all the same: its
 * node says so, and takes it from whoever brings it.
 */
function listed(
  { networks, files }: Engine,
  { say, absent }: Pick<SampleFiles, "say"> & { readonly absent: (model: string) => void },
): SampleFiles {
  const find = (path: string, ids: readonly string[]): string | undefined =>
    ids.find((id) => path === id || path.endsWith(`/${id}`)) ?? ids.find((id) => basename(id) === nameIn(path));
  return {
    networks,
    say,
    async model(path) {
      const file = find(path, await files.list());
      if (file !== undefined) return { file, sha256: "" };
      const name = nameIn(path);
      absent(name);
      return { file: name, sha256: "", isAbsent: true };
    },
    async images(path) {
      const isFolder = /[/\\]$/.test(path);
      return find(path, await files.listImages()) ?? `${nameIn(path)}${isFolder ? "/" : ""}`;
    },
  };
}
