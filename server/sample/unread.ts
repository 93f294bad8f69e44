/** A checkpoint that a command names and nobody has: it is what the flags say, as the reference's scripts believe them. */
import type { ModelFile, NetworkFacts } from "../../nodes/index.ts";
import { formatModelFlags, type ModelFlags } from "../../onnx/index.ts";

/** guided-diffusion's script_util.py: NUM_CLASSES. */
const referenceClasses = 1000;

export const isOnnx = (path: string): boolean => /\.onnx$/i.test(path);

/** `defaults` are what the scripts assume. The file keeps them, and is held to them once it is there; ONNX files have none. */
export function unread(
  file: ModelFile,
  typed: ModelFlags,
  defaults: ModelFlags,
): { readonly facts: NetworkFacts; readonly file: ModelFile } {
  const flags = { ...defaults, ...typed };
  const height = flags.large_size ?? flags.image_size;
  const facts = {
    ...(typeof height === "number" && { height }),
    ...(flags.class_cond === true && { classes: Number(flags.num_classes ?? referenceClasses) }),
  };
  return { facts, file: { ...file, flags: formatModelFlags(isOnnx(file.file) ? typed : flags) } };
}
