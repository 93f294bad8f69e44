/** A model file becomes a network: a checkpoint is built into one, an `.onnx` file runs as it is. */
import { GraphError, type ModelFile } from "../../nodes/index.ts";
import type { ModelFlags, Role } from "../../onnx/index.ts";
import { readCheckpointNetwork } from "./checkpoint-network.ts";
import type { FoundModel } from "./find.ts";
import type { Network } from "./network.ts";
import { readOnnxNetwork } from "./onnx-network.ts";

/** Reads a model that was found. Throws a GraphError that names the parameter. */
export async function readNetwork(
  { source, sha256 }: FoundModel,
  role: Role | undefined,
  file: ModelFile,
  defaults?: ModelFlags,
): Promise<Network> {
  const options = { file: file.file, sha256, flags: file.flags, role, defaults };
  try {
    return await (/\.onnx$/i.test(file.file) ? readOnnxNetwork : readCheckpointNetwork)(source, options);
  } catch (error) {
    if (error instanceof GraphError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new GraphError(
      message.includes(`"${file.file}"`) ? message : `Cannot read "${file.file}": ${message}`,
      "file",
    );
  }
}
