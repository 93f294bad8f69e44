import { headBytes, sayOther } from "../other-files.ts";
import type { RandomAccess } from "../source.ts";
import { readArchive } from "./archive.ts";
import { CheckpointError, inFile } from "./error.ts";
import { readLegacy } from "./legacy.ts";
import { looksLikeSafetensors, readSafetensors } from "./safetensors.ts";
import { type StateDict, stateDict } from "./state-dict.ts";

/**
 * The tensors of a checkpoint, by the keys that lead to them: of torch.save, in the zip format or the one before PyTorch
 * 1.6, or of safetensors. Its content decides which, not its name. No weights are read: each tensor reads its own bytes
 * when it is asked. Throws a CheckpointError, one line that names the file.
 */
export const readCheckpoint = (source: RandomAccess): Promise<StateDict> =>
  inFile(source.name, async () => {
    const state = await readByContent(source);
    return new Map(
      [...state].map(([name, tensor]) => [
        name,
        {
          ...tensor,
          read: () => inFile(source.name, () => tensor.read()),
          readFloat32: () => inFile(source.name, () => tensor.readFloat32()),
        },
      ]),
    );
  });

const advice = {
  "an HDF5 file": "Keras writes them; PyTorch checkpoints and safetensors are read",
  "a GGUF file": "PyTorch checkpoints and safetensors are read",
  "a tar archive": "unpack it; a checkpoint of PyTorch before 0.2 is one: save its state_dict() anew",
};

async function readByContent(source: RandomAccess): Promise<StateDict> {
  const head = await source.read(0, Math.min(headBytes, source.size));
  if (isZip(head)) return stateDict(await readArchive(source));
  if (looksLikeSafetensors(head, source.size)) return readSafetensors(source);
  const problem = sayOther(head, "a checkpoint", advice);
  if (problem) throw new CheckpointError(problem);
  return stateDict(await readLegacy(source));
}

const isZip = (head: Uint8Array): boolean => head[0] === 0x50 && head[1] === 0x4b;

/** Whether a file that begins so is a checkpoint for certain, of whatever name: a zip archive, safetensors or a pickle of protocol 2 and later. */
export const looksLikeCheckpoint = (head: Uint8Array, size: number): boolean =>
  isZip(head) || looksLikeSafetensors(head, size) || (head[0] === 0x80 && head[1] >= 2 && head[1] <= 5);
