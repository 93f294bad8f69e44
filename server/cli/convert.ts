/** `guidegraph convert`: a checkpoint as an ONNX model. */
import { basename, resolve } from "node:path";
import { lower } from "../../onnx/index.ts";
import type { Network } from "../../runtime/index.ts";
import { engine } from "../engine/engine.ts";
import { weightsOf, writeModelFile } from "../files/built-models.ts";
import { UsageError } from "../flags/errors.ts";
import { type Flags, parseFlags } from "../flags/grammar.ts";
import { idleFlags } from "../flags/idle.ts";
import { classifierFlags, processFlags, silentFlags, unetFlags } from "../sample/flags.ts";
import { idleForRole } from "../sample/idle.ts";
import type { Command } from "./command.ts";
import { modelFlagsText } from "./model-flags.ts";
import { asNewFile, wantNewFile } from "./output-file.ts";
import { modelFolderFlags } from "./shared-flags.ts";
import { typedFile } from "./typed-file.ts";

const flags = {
  out: { type: "text", help: "the file to write; weights above 100 MB lie beside it", value: "FILE.onnx", short: "o" },
  flavour: {
    type: "text",
    help: "portable: right in every runtime, WebGPU too; cpu: onnxruntime on processors alone, up to 2 % faster (portable)",
    choices: ["cpu", "portable"],
  },
  height: { type: "integer", min: 1, help: "of its pictures, where the network takes others than it was trained on" },
  width: { type: "integer", min: 1, help: "likewise; as the height" },
  ...modelFolderFlags,
  ...unetFlags,
  ...classifierFlags,
  ...processFlags,
  ...silentFlags,
} as const satisfies Flags;

export const convertCommand: Command = {
  summary: "Write a checkpoint as an ONNX model.",
  usage: "convert model.pt <model flags> -o model.onnx",
  description: [
    "Inputs x, t, y (class-conditional) and low_res (super-resolution); output out, or logits of a classifier.",
    "The batch is open, the sides are not: a file is for one size of pictures (--height, --width), since attention and the",
    "kernels that it is made fast with hold the number of pixels. What cannot be resized says so.",
  ].join("\n"),
  flags,
  async run(args, terminal) {
    const { given, operands } = parseFlags(args, flags);
    const { out, flavour = "portable", models, cache } = given;
    if (operands.length !== 1) throw new UsageError(`convert takes one checkpoint, got ${operands.length}`);
    if (!out) throw new UsageError("convert needs -o FILE.onnx");
    for (const path of [out, weightsOf(out)]) wantNewFile(path);
    const typed = await typedFile(operands[0]);
    const { networks } = engine({
      models,
      cache,
      typed: typed ? [typed] : [],
      environment: terminal.environment,
      signal: terminal.signal,
    });
    const file = { file: typed ? basename(typed) : operands[0], sha256: "", flags: modelFlagsText(given) };
    const network = ofSides(await networks.open(undefined, file), given);
    for (const note of network.about.notes) terminal.err(`"${network.about.file}": ${note}\n`);
    for (const line of idleFlags(idleForRole, given, network)) terminal.err(`${line}\n`);
    const wanted = network.about.flags.use_fp16 === true || network.about.flags.classifier_use_fp16 === true;
    // A processor gains nothing by half precision, so who wants it says so.
    const half = wanted && given.flavour === "portable";
    if (wanted && !half)
      terminal.err(
        `"${network.about.file}" asks for float16; it is written in float32 (--flavour portable keeps it)\n`,
      );
    const built = lower(await network.build({ fp16: half }), flavour);
    await asNewFile(out, (options) => writeModelFile(resolve(out), built, options));
    terminal.out(out);
    return 0;
  },
};

interface Sides {
  readonly height?: number | undefined;
  readonly width?: number | undefined;
}

/** The network for pictures of these sides. Throws a UsageError where it takes no such pictures. */
function ofSides(network: Network, { height: wanted, width: across }: Sides): Network {
  const { facts, about } = network;
  const height = wanted ?? across ?? facts.height;
  const width = across ?? wanted ?? facts.width;
  if (height === undefined || width === undefined || (height === facts.height && width === facts.width)) return network;
  if (facts.multiple === undefined)
    throw new UsageError(
      `"${about.file}" takes pictures of ${facts.height}×${facts.width} alone: leave --height and --width out`,
    );
  const odd = [height, width].find((side) => side % facts.multiple! !== 0);
  if (odd !== undefined)
    throw new UsageError(`"${about.file}" takes sides that are multiples of ${facts.multiple}, and ${odd} is none`);
  return network.forSize?.([1, facts.channels ?? 1, height, width]) ?? network;
}
