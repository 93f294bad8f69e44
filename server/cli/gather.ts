/** `guidegraph gather`: the parts of a run, drawn by --range anywhere, as the one file that a run of all would have written. */
import { existsSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import {
  type AboutSamples,
  aboutSamples,
  graphKeyword,
  type NpzStream,
  npzPieces,
  readAboutSamples,
  readNpzText,
  streamOf,
} from "../../runtime/index.ts";
import { fileAccess } from "../files/disk-source.ts";
import { saveInto } from "../files/save-into.ts";
import { UsageError } from "../flags/errors.ts";
import { type Flags, parseFlags } from "../flags/grammar.ts";
import type { Command } from "./command.ts";
import { wantOutputFile } from "./output-file.ts";

const flags = {
  out: { type: "text", help: "the file to write", value: "FILE.npz", short: "o" },
} satisfies Flags;

export const gatherCommand: Command = {
  summary: "Join the parts of a run that were drawn with --range.",
  usage: "gather PART.npz… -o samples.npz",
  description: [
    "Joins NPZ files of one graph whose samples follow one another, in whatever order they are given,",
    "to the file that one run of all of them would have written, byte for byte. It holds no part in memory.",
  ].join("\n"),
  flags,
  async run(args, terminal) {
    const { given, operands } = parseFlags(args, flags);
    const { out } = given;
    if (operands.length === 0 || out === undefined)
      throw new UsageError("gather takes the parts and a file to write: guidegraph gather a.npz b.npz -o samples.npz");
    wantOutputFile(out);
    if (!out.endsWith(".npz")) throw new UsageError(`gather writes an NPZ: end its name with .npz, not "${out}"`);
    if (existsSync(out)) throw new UsageError(`${out} is there already: give another name with -o, or remove it`);
    const parts = await Promise.all(operands.map(readPart));
    const began = performance.now();
    await saveInto(dirname(resolve(out)))(basename(out), gathered(parts));
    const { size } = statSync(out);
    const rate = size / 1e6 / ((performance.now() - began) / 1_000);
    terminal.err(
      `${parts.length} part${parts.length === 1 ? "" : "s"}, ${(size / 1e6).toFixed(1)} MB, ${rate.toFixed(0)} MB/s\n`,
    );
    terminal.out(out);
    return 0;
  },
};

interface Part extends AboutSamples {
  readonly path: string;
  readonly pictures: NpzStream;
  readonly labels: NpzStream | undefined;
}

/** Throws an Error that names the file. */
async function readPart(path: string): Promise<Part> {
  const wrong = (why: string) => new Error(`${path} ${why}`);
  const there = statSync(path, { throwIfNoEntry: false });
  if (!there) throw wrong("is not there");
  if (there.isDirectory()) throw wrong(`is a folder: give the parts in it (${path.replace(/\/$/, "")}/*.npz)`);
  try {
    const source = await fileAccess(path, path);
    const about = readAboutSamples(await readNpzText(source, graphKeyword));
    const [pictures, labels] = [await streamOf(source, "arr_0"), await streamOf(source, "arr_1")];
    if (!about) throw wrong("does not say which samples it has: give parts that run or sample wrote");
    if (!pictures) throw wrong("has no samples: its arr_0 is missing");
    const { from, to } = about.samples;
    const counts = [pictures, labels].flatMap((one) => (one ? [one.dims[0]] : []));
    if (counts.some((count) => count !== to - from)) throw wrong(`has not the ${to - from} samples that it says`);
    return { path, ...about, pictures, labels };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) throw wrong(`cannot be read: ${error.message}`);
    throw error;
  }
}

/** Throws an Error that says which parts do not fit together. */
function gathered(given: readonly Part[]): AsyncGenerator<Uint8Array> {
  const parts = [...given].sort((a, b) => a.samples.from - b.samples.from);
  const [first] = parts;
  const last = parts[parts.length - 1];
  const { graph, computedIn } = first;
  for (const [i, part] of parts.entries()) {
    const before = parts[i - 1] ?? part;
    if (part.graph !== graph)
      throw new Error(`${part.path} was drawn by another graph than ${first.path}: parts are of one`);
    if (part.computedIn !== first.computedIn)
      throw new Error(
        `${part.path} was computed in ${part.computedIn}, ${first.path} in ${first.computedIn}: draw one of them anew in the precision of the other (--precision)`,
      );
    if (rowOf(part.pictures) !== rowOf(first.pictures))
      throw new Error(
        `${part.path} has pictures of ${rowOf(part.pictures)}, ${first.path} of ${rowOf(first.pictures)}`,
      );
    if (Boolean(part.labels) !== Boolean(first.labels))
      throw new Error(`Of ${part.path} and ${first.path} only one has labels`);
    if (part.labels && first.labels && rowOf(part.labels) !== rowOf(first.labels))
      throw new Error(`${part.path} has labels of ${rowOf(part.labels)}, ${first.path} of ${rowOf(first.labels)}`);
    const [{ to }, { from }] = [before.samples, part.samples];
    if (part !== before && from < to)
      throw new Error(`${before.path} and ${part.path} both have samples from ${from} on`);
    if (part !== before && from > to)
      throw new Error(`The samples ${to} to ${from - 1} are in no part: draw them with --range ${to}..${from}`);
  }
  const samples = { from: first.samples.from, to: last.samples.to };
  const joined = (of: (part: Part) => NpzStream | undefined, { type, dims }: NpzStream): NpzStream => ({
    type,
    dims: [samples.to - samples.from, ...dims.slice(1)],
    async *read() {
      for (const part of parts) yield* of(part)?.read() ?? [];
    },
  });
  const arrays = {
    arr_0: joined(({ pictures }) => pictures, first.pictures),
    ...(first.labels && { arr_1: joined(({ labels }) => labels, first.labels) }),
  };
  return npzPieces(arrays, { [graphKeyword]: aboutSamples({ samples, computedIn, graph }) });
}

/** "64×64×3 uint8", "int64". */
const rowOf = ({ type, dims }: NpzStream): string => [dims.slice(1).join("×"), type].filter(Boolean).join(" ");
