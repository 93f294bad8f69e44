/** `guidegraph grad`: the gradient of an ONNX model as an ONNX model. */
import { dirname, resolve } from "node:path";
import { firstOf, gradientModel, inFloat32, lower, type OnnxModel, readModel } from "../../onnx/index.ts";
import { didYouMean, meant } from "../../spelling/index.ts";
import { weightsOf, writeModelFile } from "../files/built-models.ts";
import { lazyFile } from "../files/lazy-file.ts";
import { readBytes } from "../files/read-bytes.ts";
import { UsageError } from "../flags/errors.ts";
import { type Flags, parseFlags } from "../flags/grammar.ts";
import type { Command } from "./command.ts";
import { asNewFile, wantNewFile } from "./output-file.ts";

const flags = {
  out: { type: "text", help: "the file to write", value: "FILE.onnx", short: "o" },
  of: { type: "text", help: "the output to differentiate (the only one)", value: "NAME" },
  wrt: { type: "text", help: "the input to differentiate by (the only one)", value: "NAME" },
  flavour: {
    type: "text",
    help: "portable: right in every runtime, WebGPU too; cpu: onnxruntime on processors alone, up to 2 % faster (portable)",
    choices: ["cpu", "portable"],
  },
} as const satisfies Flags;

export const gradCommand: Command = {
  summary: "Write the gradient of an ONNX model as an ONNX model.",
  usage: "grad model.onnx -o grad.onnx --of logits --wrt x",
  description:
    "Takes the model's inputs and d_<of>, the gradient that comes in, shaped like that output; gives d_<wrt>.",
  flags,
  async run(args, terminal) {
    const { given, operands } = parseFlags(args, flags);
    if (operands.length !== 1) throw new UsageError(`grad takes one ONNX file, got ${operands.length}`);
    const { out, flavour = "portable" } = given;
    if (!out) throw new UsageError("grad needs -o FILE.onnx");
    for (const path of [out, weightsOf(out)]) wantNewFile(path);
    // As a run reads it: nothing runs a gradient in doubles.
    const { model, instead } = inFloat32(await readOnnx(operands[0]));
    if (instead.length > 0) terminal.err(`${instead.join(" and ")} in it become float32\n`);
    const { inputs, outputs, nodes } = model.graph;
    const of = {
      flag: "of",
      is: "output",
      typed: given.of,
      names: outputs.map(({ name }) => name),
      // What a node within gives may be differentiated too, and is not listed: there are hundreds.
      unlisted: nodes.flatMap((node) => node.outputs),
    };
    const wrt = { flag: "wrt", is: "input", typed: given.wrt, names: inputs.map(({ name }) => name) };
    const wrong = [whyNot(of), whyNot(wrt)].filter((why) => why !== undefined);
    if (wrong.length > 0) throw new UsageError(wrong.join("\n"));
    const ends = { of: of.typed ?? of.names[0], wrt: wrt.typed ?? wrt.names[0] };
    const gradient = lower(gradientModel(model, ends), flavour);
    await asNewFile(out, (options) => writeModelFile(resolve(out), gradient, options));
    terminal.out(out);
    return 0;
  },
};

interface End {
  readonly flag: string;
  readonly is: string;
  readonly typed: string | undefined;
  readonly names: readonly string[];
  readonly unlisted?: readonly string[];
}

const shownNames = 12;

/** What is wrong with a name, typed or left out; undefined where it is one, or there is only one. */
function whyNot({ flag, is, typed, names, unlisted = [] }: End): string | undefined {
  const all = firstOf(names, shownNames);
  if (typed === undefined) return names.length === 1 ? undefined : `grad needs --${flag}: one of ${all}`;
  if (names.includes(typed) || unlisted.includes(typed)) return undefined;
  return `--${flag}: the model has no ${is} "${typed}"${didYouMean(meant(typed, names), { otherwise: `its ${is}s are ${all}` })}`;
}

async function readOnnx(path: string): Promise<OnnxModel> {
  const bytes = await readBytes(path).catch(() => {
    throw new UsageError(`There is no ONNX file ${path}`);
  });
  try {
    return readModel(bytes, { external: lazyFile(dirname(path)) });
  } catch (error) {
    throw new Error(`Cannot read ${path}: ${error instanceof Error ? error.message : error}`);
  }
}
