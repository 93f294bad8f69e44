/** A model file becomes a network, by its content: a checkpoint is built into one, an ONNX file runs as it is. */
import { GraphError, type ModelFile } from "../../nodes/index.ts";
import { looksLikeCheckpoint, type ModelFlags, type Use } from "../../onnx/index.ts";
import { readCheckpointNetwork } from "./checkpoint-network.ts";
import type { FoundModel } from "./find.ts";
import type { ModelSource } from "./host.ts";
import type { Network } from "./network.ts";
import { readOnnxNetwork } from "./onnx-network.ts";

/** Reads a model that was found. Throws a GraphError that names the parameter. */
export async function readNetwork(
  { source, sha256 }: FoundModel,
  role: Use | undefined,
  file: ModelFile,
  defaults?: ModelFlags,
): Promise<Network> {
  const options = { file: file.file, sha256, flags: file.flags, role, defaults };
  try {
    return await ((await isOnnx(source, file.file)) ? readOnnxNetwork : readCheckpointNetwork)(source, options);
  } catch (error) {
    if (error instanceof GraphError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new GraphError(
      message.includes(`"${file.file}"`) ? message : `Cannot read "${file.file}": ${message}`,
      "file",
    );
  }
}

/** Protocol Buffers have no mark of their own, so what is no checkpoint for certain may be ONNX where it begins as it does. */
export async function isOnnx(source: ModelSource, file: string): Promise<boolean> {
  const head = await source.read(0, Math.min(512, source.size));
  if (looksLikeCheckpoint(head, source.size)) return false;
  // ir_version, the first field, is a small number.
  return /\.onnx$/i.test(file) || (head[0] === 8 && head[1] > 0 && head[1] < 32);
}
