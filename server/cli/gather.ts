/** `guidegraph gather`: the parts of a run, drawn by --range anywhere, as the one file that a run of all would have written. */
import { realpathSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { DocumentError } from "../../graphs/document/index.ts";
import { firstOf } from "../../onnx/index.ts";
import {
  type AboutSamples,
  aboutSamples,
  graphKeyword,
  type NpzStream,
  npzPieces,
  readAboutSamples,
  readNpzText,
  type SampleRange,
  streamOf,
} from "../../runtime/index.ts";
import { wantRoom } from "../engine/room.ts";
import { fileAccess } from "../files/disk-source.ts";
import { saveInto } from "../files/save-into.ts";
import { UsageError } from "../flags/errors.ts";
import { type Flags, parseFlags } from "../flags/grammar.ts";
import { counted } from "../units.ts";
import type { Command } from "./command.ts";
import { linesOf } from "./errors.ts";
import { wantNewFile } from "./output-file.ts";
import { pictureCounter } from "./progress.ts";
import { samplesAsked } from "./samples-asked.ts";

const flags = {
  out: { type: "text", help: "the file to write", value: "FILE.npz", short: "o" },
  partial: { type: "switch", help: "take parts that follow one another but are not all of the run" },
} satisfies Flags;

export const gatherCommand: Command = {
  summary: "Join the parts of a run that were drawn with --range.",
  usage: "gather PART.npz… -o samples.npz [--partial]",
  description: [
    "Joins NPZ files of one graph whose samples follow one another, in whatever order they are given,",
    "to the file that one run of all of them would have written, byte for byte. It holds no part in memory.",
    "Where the graph says how many samples there are in all (num_samples), all of them must be there.",
  ].join("\n"),
  flags,
  async run(args, terminal) {
    const { given, operands } = parseFlags(args, flags);
    const { out } = given;
    if (operands.length === 0 || out === undefined)
      throw new UsageError("gather takes the parts and a file to write: guidegraph gather a.npz b.npz -o samples.npz");
    wantNewFile(out);
    if (!out.endsWith(".npz")) throw new UsageError(`gather writes an NPZ: end its name with .npz, not "${out}"`);
    const parts = await Promise.all(operands.map(readPart));
    const { samples, absent, unread, piecesOf } = gathered(parts, given.partial === true);
    if (unread !== undefined) terminal.err(`${unread}\n`);
    if (absent.length > 0) terminal.err(`${out} is without the samples ${listed(absent)}\n`);
    const sizes = parts.map(({ path }) => statSync(path).size);
    wantRoom(
      dirname(resolve(out)),
      "The file",
      sizes.reduce((sum, size) => sum + size, 0),
    );
    const began = performance.now();
    const pieces = piecesOf(pictureCounter(terminal.err, out, samples.to - samples.from));
    await saveInto(dirname(resolve(out)))(basename(out), pieces);
    const { size } = statSync(out);
    const rate = size / 1e6 / ((performance.now() - began) / 1_000);
    terminal.err(
      `${counted(parts.length, "part")}, samples ${rangeText(samples)}, ${(size / 1e6).toFixed(1)} MB, ${rate.toFixed(0)} MB/s\n`,
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
    throw unreadable(path, error);
  }
}

/** What is wrong in a file is told with its name. */
const unreadable = (path: string, error: unknown): unknown =>
  error instanceof SyntaxError || error instanceof RangeError
    ? new Error(`${path} cannot be read: ${error.message}`)
    : error;

/** The rows of a part, which may be damaged far behind its beginning. */
async function* rowsOf(path: string, array: NpzStream): AsyncGenerator<Uint8Array> {
  try {
    yield* array.read();
  } catch (error) {
    throw unreadable(path, error);
  }
}

interface GatheredParts {
  readonly samples: SampleRange;
  /** What a run of all has beside them, as far as it is known how many these are. */
  readonly absent: readonly SampleRange[];
  /** Why it is not known. */
  readonly unread: string | undefined;
  /** The file; `seen` is told of pictures as they pass. */
  piecesOf(seen: (count: number) => void): AsyncGenerator<Uint8Array>;
}

/** Throws an Error that says which parts do not fit together, or which samples are in none. */
function gathered(given: readonly Part[], isPartial: boolean): GatheredParts {
  const parts = [...given].sort((a, b) => a.samples.from - b.samples.from);
  const [first] = parts;
  const { graph, computedIn } = first;
  for (const [i, part] of parts.entries()) {
    if (part.graph !== graph)
      throw new Error(
        `${part.path} was drawn by another graph than ${first.path}: parts are of one, drawn by the same command but for --range: leave it out`,
      );
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
    const { from } = part.samples;
    if (i > 0 && from < parts[i - 1].samples.to) throw new Error(whyTwice(parts[i - 1], part));
  }
  const samples = { from: first.samples.from, to: parts[parts.length - 1].samples.to };
  const ends = [...parts.map(({ samples }) => samples), { from: samples.to, to: samples.to }];
  const holes = ends.slice(1).flatMap(({ from }, i) => rangesBetween(ends[i].to, from));
  const { asked, unread } = askedBy(first);
  const absent = [...rangesBetween(0, samples.from), ...rangesBetween(samples.to, asked ?? samples.to)];
  const refused = isPartial || asked === undefined ? holes : [...absent, ...holes].sort((a, b) => a.from - b.from);
  if (refused.length > 0)
    throw new Error(
      `No part has the samples ${listed(refused)}${asked === undefined ? "" : ` of the ${asked} that the graph asks for`}: draw ${refused.length > 1 ? "each" : "them"} with --range ${rangeText(refused[0])}${holes.length > 0 ? "" : ", or give --partial for a file without them"}`,
    );
  const joined = ({ type, dims }: NpzStream, read: NpzStream["read"]): NpzStream => ({
    type,
    dims: [samples.to - samples.from, ...dims.slice(1)],
    read,
  });
  const piecesOf = (seen: (count: number) => void) => {
    const pictures = joined(first.pictures, async function* () {
      for (const { path, pictures, samples } of parts) {
        yield* rowsOf(path, pictures);
        seen(samples.to - samples.from);
      }
    });
    const labels =
      first.labels &&
      joined(first.labels, async function* () {
        for (const { path, labels } of parts) if (labels) yield* rowsOf(path, labels);
      });
    const arrays = { arr_0: pictures, ...(labels && { arr_1: labels }) };
    return npzPieces(arrays, { [graphKeyword]: aboutSamples({ samples, computedIn, graph }) });
  };
  return { samples, absent, unread, piecesOf };
}

/** What two parts both have, the second beginning where or after the first does, and what to do. */
function whyTwice(a: Part, b: Part): string {
  if (realpathSync(a.path) === realpathSync(b.path)) return `${a.path} is given twice: give each part once`;
  const [one, other] = [a, b].map(({ path, samples }) => `${path} (${rangeText(samples)})`);
  const both = { from: b.samples.from, to: Math.min(a.samples.to, b.samples.to) };
  const within = b.samples.to <= a.samples.to ? b : a.samples.from === b.samples.from ? a : undefined;
  const said = `${one} and ${other} both have the samples ${rangeText(both)}`;
  return within
    ? `${said}: leave ${within.path} out`
    : `${said}: draw those of ${b.path} that are not in the other, with --range ${rangeText({ from: a.samples.to, to: b.samples.to })}`;
}

/** How many samples the graph of a part asks for. One that another version wrote may be unreadable here: its parts are joined all the same. */
function askedBy({ path, graph }: Part): { readonly asked?: number | undefined; readonly unread?: string } {
  try {
    return { asked: samplesAsked(graph) };
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof DocumentError)) throw error;
    const [why] = linesOf(error);
    return { unread: `How many samples the graph in ${path} asks for is not known here: ${why}` };
  }
}

/** What lies from one sample to before another, if anything does. */
const rangesBetween = (from: number, to: number): readonly SampleRange[] => (from < to ? [{ from, to }] : []);

/** So many ranges are listed in a message. */
const shownRanges = 5;

const rangeText = ({ from, to }: SampleRange): string => `${from}..${to}`;
const listed = (ranges: readonly SampleRange[]): string => firstOf(ranges, shownRanges, rangeText);

/** "64×64×3 uint8", "int64". */
const rowOf = ({ type, dims }: NpzStream): string => [dims.slice(1).join("×"), type].filter(Boolean).join(" ");
