/** `guidegraph measure`: how fast this machine's devices are, for docs/devices.md and for whoever chooses one. */
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { machineMemory } from "../engine/machine-memory.ts";
import { allOrNone } from "../files/atomic.ts";
import { packageVersion } from "../files/package-root.ts";
import { UsageError } from "../flags/errors.ts";
import { type Flags, parseFlags } from "../flags/grammar.ts";
import { measure, usualSizes } from "../measuring/measure.ts";
import { type Report, reportText } from "../measuring/report.ts";
import { graphsOf, usualFlags } from "../measuring/subject.ts";
import { cards, cardText } from "../providers/cards.ts";
import { chooseProvider } from "../providers/choose.ts";
import type { DeviceChoice } from "../providers/device-list.ts";
import { nativeProvider } from "../providers/native.ts";
import { sizeText } from "../units.ts";
import { jsonFlag } from "./as-json.ts";
import type { Command } from "./command.ts";
import { wantNewFile, writeNewFile } from "./output-file.ts";
import { devicesFlag, devicesOf } from "./shared-flags.ts";

const flags = {
  devices: { ...devicesFlag, help: "beside the processor: cuda:0, webgpu (those that can be used)" },
  minutes: { type: "integer", min: 1, help: "time it may take (8)" },
  sizes: { type: "text", help: "pixels a side (32,64,128)", value: "LIST" },
  batches: { type: "text", help: "pictures at a time (1,8,16)", value: "LIST" },
  json: jsonFlag("all of it"),
  out: { type: "text", help: "also write all of it as JSON", value: "FILE", short: "o" },
  graphs: { type: "text", help: "also write the networks as ONNX, for other runtimes", value: "DIR" },
} satisfies Flags;

const tried = (["cuda", "webgpu"] as const).map((backend) => ({ name: backend, backend }));

export const measureCommand: Command = {
  summary: "Measure this machine's devices.",
  usage: "measure [--devices LIST] [--minutes N] [--sizes LIST] [--batches LIST] [--json] [-o FILE] [--graphs DIR]",
  description: [
    "Milliseconds a UNet call, a gradient and a guided step, of networks of 64 channels with random weights, by size, batch and",
    "precision, beside the processor's. A device whose numbers are wrong is not measured. It needs no model and no network.",
  ].join("\n"),
  flags,
  async run(args, terminal) {
    const { given, operands } = parseFlags(args, flags);
    if (operands.length > 0) throw new UsageError(`measure takes no "${operands[0]}"`);
    const { minutes = 8, out } = given;
    const say = (line: string) => terminal.err(`${line}\n`);
    const options = {
      ...(given.sizes !== undefined && { sizes: numbersIn("sizes", given.sizes) }),
      ...(given.batches !== undefined && { batches: numbersIn("batches", given.batches) }),
    };
    const graphs = given.graphs === undefined ? [] : graphFiles(given.graphs, options.sizes ?? usualSizes);
    for (const path of [...(out === undefined ? [] : [out]), ...graphs.map(([path]) => path)]) wantNewFile(path);
    const wanted = devicesOf(given);
    const { devices, refused } = await usable(wanted ?? tried);
    // What was named and cannot be used is wrong; what was only tried is told.
    if (wanted && refused.length > 0) throw new Error(refused.join("\n"));
    for (const line of refused) say(line);
    // Of a measurement that is interrupted no graph stays: the same command may be given again.
    await allOrNone(async (put) => {
      for (const [path, build] of graphs) {
        await writeNewFile(path, await build());
        put(path);
      }
      const measured = await measure({ ...options, devices, budgetMs: minutes * 60_000, say });
      const report: Report = {
        version: packageVersion(),
        date: new Date().toISOString().slice(0, 10),
        processor: `${cpus()[0]?.model ?? "a processor"}, ${availableParallelism()} cores, ${sizeText(machineMemory())}`,
        cards: (await cards()).map((card) => `${card.name}: ${cardText(card)}`),
        refused,
        ...measured,
      };
      terminal.out(given.json ? JSON.stringify(report) : reportText(report));
      if (out !== undefined) await writeNewFile(out, Buffer.from(`${JSON.stringify(report, null, 1)}\n`));
    });
    return 0;
  },
};

/** In files of the names that test/bench/torch/measure.py reads. */
const graphFiles = (folder: string, sizes: readonly number[]) =>
  sizes.flatMap((size) =>
    [...graphsOf(size, usualFlags(size))].map(([name, build]) => [join(folder, `${name}.onnx`), build] as const),
  );

async function usable(wanted: readonly Pick<DeviceChoice, "name" | "backend" | "device">[]) {
  const devices = [{ name: "cpu", provider: nativeProvider("cpu", { threads: 0 }) }];
  const refused: string[] = [];
  for (const { name, backend, device } of wanted) {
    if (backend === "cpu") continue;
    try {
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
