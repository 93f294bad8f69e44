/** `guidegraph measure`: how fast this machine's devices are, for docs/devices.md and for whoever chooses one. */
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import type { BuiltModels } from "../../runtime/index.ts";
import { machineMemory } from "../engine/machine-memory.ts";
import { allOrNone, unfinished } from "../files/atomic.ts";
import { builtModels, weightsOf, writeModelFile } from "../files/built-models.ts";
import { packageVersion } from "../files/package-root.ts";
import { UsageError } from "../flags/errors.ts";
import { type Flags, parseFlags } from "../flags/grammar.ts";
import { measure, usualSizes } from "../measuring/measure.ts";
import { type Networks, type Report, reportText } from "../measuring/report.ts";
import { graphsOf, type NetworkFlags, releasedFlags, releasedSizes, usualFlags } from "../measuring/subject.ts";
import { cards, cardText } from "../providers/cards.ts";
import { chooseProvider } from "../providers/choose.ts";
import type { DeviceChoice } from "../providers/device-list.ts";
import { webgpuRefusal } from "../providers/devices.ts";
import { nativeProvider, nativeVersion } from "../providers/native.ts";
import { sizeText } from "../units.ts";
import { jsonFlag } from "./as-json.ts";
import type { Command } from "./command.ts";
import { asNewFile, wantNewFile, writeNewFile } from "./output-file.ts";
import { devicesFlag, devicesOf } from "./shared-flags.ts";

const flags = {
  devices: { ...devicesFlag, help: "beside the processor: cuda:0, webgpu (those that can be used)" },
  minutes: { type: "integer", min: 1, help: "time it may take (8)" },
  networks: {
    type: "text",
    help: "small: 64 channels; released: of the shapes that were released for 64, 128, 256 and 512 pixels (small)",
    choices: ["small", "released"],
  },
  sizes: { type: "text", help: "pixels a side (32,64,128; of released networks 64,128,256)", value: "LIST" },
  batches: { type: "text", help: "pictures at a time (1,8,16)", value: "LIST" },
  json: jsonFlag("all of it"),
  out: { type: "text", help: "also write all of it as JSON", value: "FILE", short: "o" },
  graphs: { type: "text", help: "also write the networks as ONNX, for other runtimes", value: "DIR" },
} as const satisfies Flags;

const tried = (["cuda", "webgpu"] as const).map((backend) => ({ name: backend, backend }));

export const measureCommand: Command = {
  summary: "Measure this machine's devices.",
  usage:
    "measure [--devices LIST] [--minutes N] [--networks small|released] [--sizes LIST] [--batches LIST] [--json] [-o FILE] [--graphs DIR]",
  description: [
    "Milliseconds a UNet call, a gradient and a guided step, of networks with random weights, by size, batch and precision, beside",
    "the processor's. A device whose numbers are wrong is not measured. It needs no model and no network; of released networks,",
    "up to 5 GB of disk a size and device, as long as it goes on.",
  ].join("\n"),
  flags,
  async run(args, terminal) {
    const { given, operands } = parseFlags(args, flags);
    if (operands.length > 0) throw new UsageError(`measure takes no "${operands[0]}"`);
    const { minutes = 8, out, networks = "small" } = given;
    const say = (line: string) => terminal.err(`${line}\n`);
    const options = {
      ...kinds[networks],
      ...(given.sizes !== undefined && { sizes: numbersIn("sizes", given.sizes) }),
      ...(given.batches !== undefined && { batches: numbersIn("batches", given.batches) }),
    };
    if (networks === "released") wantReleased(options.sizes);
    const graphs = given.graphs === undefined ? [] : graphFiles(given.graphs, options);
    const files = [...(out === undefined ? [] : [out]), ...graphs.flatMap(([path]) => [path, weightsOf(path)])];
    for (const path of files) wantNewFile(path);
    const wanted = devicesOf(given);
    const { devices, refused } = await usable(wanted ?? tried, wanted === undefined);
    // What was named and cannot be used is wrong; what was only tried is told.
    if (wanted && refused.length > 0) throw new Error(refused.join("\n"));
    for (const line of refused) say(line);
    // Of a measurement that is interrupted no graph stays: the same command may be given again.
    await allOrNone(async (put) => {
      for (const [path, build] of graphs) {
        await asNewFile(path, (isNew) => writeModelFile(path, build(), isNew));
        for (const file of [path, weightsOf(path)]) put(file);
      }
      const measured = await withScratch((models) =>
        measure({ ...options, devices, models, budgetMs: minutes * 60_000, say }),
      );
      const report: Report = {
        version: packageVersion(),
        runtime: nativeVersion(),
        date: new Date().toISOString().slice(0, 10),
        processor: `${cpus()[0]?.model ?? "a processor"}, ${availableParallelism()} cores, ${sizeText(machineMemory())}`,
        cards: (await cards()).map((card) => `${card.name}: ${cardText(card)}`),
        refused,
        networks,
        ...measured,
      };
      terminal.out(given.json ? JSON.stringify(report) : reportText(report));
      if (out !== undefined) await writeNewFile(out, Buffer.from(`${JSON.stringify(report, null, 1)}\n`));
    });
    return 0;
  },
};

const kinds = {
  small: { flags: usualFlags, sizes: usualSizes },
  released: { flags: releasedFlags, sizes: releasedSizes.filter((size) => size < 512) },
} satisfies Record<Networks, Kind>;

interface Kind {
  readonly flags: (size: number) => NetworkFlags;
  readonly sizes: readonly number[];
}

function wantReleased(sizes: readonly number[]): void {
  const other = sizes.find((size) => !(releasedSizes as readonly number[]).includes(size));
  if (other !== undefined)
    throw new UsageError(
      `No networks were released for pictures of ${other}×${other}: --sizes of ${releasedSizes.join(",")}`,
    );
}

/** Networks that are built meanwhile lie on the disk, however large, and are gone with it. */
async function withScratch<T>(work: (models: BuiltModels) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "guidegraph-measure-"));
  unfinished.add(folder);
  try {
    return await work(builtModels(folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
    unfinished.delete(folder);
  }
}

/** In files of the names that test/bench/torch/measure.py reads. */
const graphFiles = (folder: string, { sizes, flags }: Kind) =>
  sizes.flatMap((size) =>
    [...graphsOf(size, flags(size))].map(([name, build]) => [join(folder, `${name}.onnx`), build] as const),
  );

/** `isTried`: nobody named them, and what could only be a software adapter is left out, as by --backend auto. */
async function usable(wanted: readonly Pick<DeviceChoice, "name" | "backend" | "device">[], isTried: boolean) {
  const devices = [{ name: "cpu", provider: nativeProvider("cpu", { threads: 0 }) }];
  const refused: string[] = [];
  for (const { name, backend, device } of wanted) {
    if (backend === "cpu") continue;
    try {
      const refusal = isTried && backend === "webgpu" ? webgpuRefusal() : undefined;
      if (refusal !== undefined) throw new Error(refusal);
      const provider = await chooseProvider(backend, { threads: 0, device }, () => {});
      devices.push({ name: name ?? backend, provider });
    } catch (error) {
      refused.push(`${name ?? backend} cannot be used: ${error instanceof Error ? error.message : error}`);
    }
  }
  return { devices, refused };
}

/** Throws a UsageError for what is no list of numbers. */
function numbersIn(name: string, text: string): readonly number[] {
  const numbers = text.split(",").map(Number);
  const most = name === "sizes" ? 512 : 256;
  if (numbers.some((n) => !Number.isInteger(n) || n < 1 || n > most || (name === "sizes" && n % 16 !== 0)))
    throw new UsageError(
      `--${name} takes numbers up to ${most}${name === "sizes" ? ", multiples of 16" : ""}, such as ${name === "sizes" ? "32,64" : "1,8"}, not "${text}"`,
    );
  return numbers;
}
