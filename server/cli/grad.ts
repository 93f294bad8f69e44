/** `guidegraph grad`: the gradient of an ONNX model as an ONNX model. */
import { dirname, resolve } from "node:path";
import { gradientModel, lower, type OnnxModel, readModel } from "../../onnx/index.ts";
import { writeModelFile } from "../files/built-models.ts";
import { fileAt } from "../files/file-at.ts";
import { lazyFile } from "../files/lazy-file.ts";
import { readBytes } from "../files/read-bytes.ts";
import { UsageError } from "../flags/errors.ts";
import { type Flags, parseFlags } from "../flags/grammar.ts";
import type { Command } from "./command.ts";
import { wantOutputFile } from "./output-file.ts";

const flags = {
  out: { type: "text", help: "the file to write", value: "FILE.onnx", short: "o" },
  of: { type: "text", help: "the output to differentiate (the only one)", value: "NAME" },
  wrt: { type: "text", help: "the input to differentiate by (the only one)", value: "NAME" },
  flavour: {
    type: "text",
    help: "whose kernels to please: cpu, or portable for all others (cpu)",
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
    const { out, flavour = "cpu" } = given;
    if (!out) throw new UsageError("grad needs -o FILE.onnx");
    wantOutputFile(out);
    const input = await fileAt(operands[0]);
    if (input !== undefined && input === (await fileAt(out))) throw new UsageError("grad does not overwrite its input");
    const model = await readOnnx(operands[0]);
    const { inputs, outputs } = model.graph;
    const of =
      given.of ??
      only(
        "of",
        outputs.map(({ name }) => name),
      );
    const wrt =
      given.wrt ??
      only(
        "wrt",
        inputs.map(({ name }) => name),
      );
    await writeModelFile(resolve(out), lower(gradientModel(model, { of, wrt }), flavour));
    terminal.out(out);
    return 0;
  },
};

function only(flag: string, names: readonly string[]): string {
  if (names.length !== 1) throw new UsageError(`grad needs --${flag}: one of ${names.join(", ")}`);
  return names[0];
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
