/** `guidegraph sample`: the reference's scripts, by their own flags. */
import { readFile } from "node:fs/promises";
import { writeDocument } from "../../graphs/document/index.ts";
import { engine } from "../engine/engine.ts";
import { UsageError } from "../flags/errors.ts";
import { type Flags, parseFlags } from "../flags/grammar.ts";
import { chooseProvider } from "../providers/choose.ts";
import { sampleDocument } from "../sample/document.ts";
import { sampleFlags } from "../sample/flags.ts";
import { notTaken, takenOf } from "../sample/pasted.ts";
import {
  batchesOf,
  expectFiles,
  filesOf,
  missingFiles,
  nameIn,
  planSample,
  smallerBatch,
  typedPaths,
} from "../sample/plan.ts";
import { notReadYet } from "../sample/unread.ts";
import { typedCommand } from "../sample/words.ts";
import { jsonFlag } from "./as-json.ts";
import type { Command } from "./command.ts";
import { execute } from "./execute.ts";
import { inFlags } from "./in-flags.ts";
import { weighedBy } from "./on-devices.ts";
import { wantNewFile, writeNewFile } from "./output-file.ts";
import {
  backendFlags,
  devicesFlag,
  devicesOf,
  modelFolderFlags,
  precisionFlag,
  rangeFlag,
  rangeOf,
} from "./shared-flags.ts";

const flags = {
  ...sampleFlags,
  out: { type: "text", help: "folder for the NPZ (out)", value: "DIR", short: "o" },
  range: rangeFlag,
  json: jsonFlag("events"),
  devices: devicesFlag,
  precision: precisionFlag,
  ...backendFlags,
  ...modelFolderFlags,
} as const satisfies Flags;

export const sampleCommand: Command = {
  summary: "Repeat classifier_sample.py, image_sample.py or super_res_sample.py by their own flags.",
  usage:
    "sample [python classifier_sample.py] --model_path FILE [--classifier_path FILE | --base_samples FILE] <the scripts' flags>",
  description: [
    "Builds the graph that does what the script does, runs it, and writes samples_NxHxWx3.npz as the script does.",
    "Flags left out have the scripts' defaults, in parentheses; what a checkpoint's shapes tell need not be typed.",
    "The noise is that of torch.manual_seed and torch.randn on the CPU; a CUDA run of the scripts draws other numbers.",
  ].join("\n"),
  flags,
  async run(args, terminal) {
    const command = typedCommand(args);
    const { taken, left } = command ? takenOf(command.args, command.fork, flags) : { taken: args, left: [] };
    const { given, operands } = parseFlags(taken, flags);
    if (operands.length > 0)
      throw new UsageError(
        `sample takes flags, or a whole command such as python classifier_sample.py --model_path FILE, not "${operands[0]}"`,
      );
    const { backend = "auto", threads = 0, precision, models, cache, out = "out", json = false } = given;
    const paths = await typedPaths(given);
    const say = (line: string) => terminal.err(`${line}\n`);
    const provider = () => chooseProvider(backend, { threads }, say);
    const choices = devicesOf(given);
    const { environment, signal } = terminal;
    const drawn = weighedBy(choices);
    const opened = engine({ models, cache, typed: paths, environment, signal, provider, precision, say, ...drawn });
    const emitsOnly = given["emit-only"] === true;
    for (const note of command?.notes ?? []) say(note);
    if (left.length > 0) say(notTaken(left));
    if (!emitsOnly) await expectFiles(opened, given);
    const absent = emitsOnly ? (await missingFiles(opened, given)).map(({ path }) => path) : [];
    const sample = await planSample(filesOf(opened, say, absent), given, command?.origin);
    const document = sampleDocument(sample);
    const emit = given["emit-graph"];
    if (emitsOnly && emit === undefined)
      throw new UsageError("--emit-only needs --emit-graph FILE, to which it writes");
    const text = Buffer.from(`${JSON.stringify(writeDocument(document), null, 1)}\n`);
    // The same command, which goes on where it was interrupted, has written the same.
    const isEmitted = emit !== undefined && (await readFile(emit).catch(() => undefined))?.equals(text);
    if (emit !== undefined && !isEmitted) wantNewFile(emit);
    const ready = async () => {
      if (emit === undefined) return;
      if (!isEmitted) await writeNewFile(emit, text);
      if (batches > 1) say(`${emit} is the graph of one batch: run it with --batches ${batches} for the same pictures`);
    };
    const batches = batchesOf(given);
    if (absent.length > 0) {
      say(notReadYet(absent.map(nameIn), sample));
      await ready();
      return 0;
    }
    const range = rangeOf(given.range);
    const onDevices = choices && { choices, models: models ?? [], typed: paths, cache, precision };
    const fewer = smallerBatch(given);
    const options = {
      engine: opened,
      batches,
      range,
      out,
      json,
      terminal,
      onDevices,
      fewer,
      ready,
      isDrawn: !emitsOnly,
    };
    await execute(document, options).catch((error) => {
      throw inFlags(error);
    });
    return 0;
  },
};
