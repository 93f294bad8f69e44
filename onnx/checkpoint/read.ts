import type { RandomAccess } from "../source.ts";
import { readArchive } from "./archive.ts";
import { CheckpointError, inFile } from "./error.ts";
import { readLegacy } from "./legacy.ts";
import { type StateDict, stateDict } from "./state-dict.ts";

/**
 * The state dict of a file that torch.save wrote, in the zip format or the one before PyTorch 1.6. No weights are read:
 * each tensor reads its own bytes when it is asked. Throws a CheckpointError, one line that names the file.
 */
export const readCheckpoint = (source: RandomAccess): Promise<StateDict> =>
  inFile(source.name, async () => {
    const saved = await ((await looksLikeZip(source)) ? readArchive(source) : readLegacy(source));
    const state = stateDict(saved);
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

async function looksLikeZip(source: RandomAccess): Promise<boolean> {
  if (source.size === 0) throw new CheckpointError("it is empty");
  const head = await source.read(0, Math.min(64, source.size));
  if (head[0] === 0x50 && head[1] === 0x4b) return true;
  const text = new TextDecoder("latin1").decode(head);
  if (text.startsWith("version https://git-lfs"))
    throw new CheckpointError("it is a Git LFS pointer; fetch the file itself (git lfs pull)");
  if (/^\s*[<{]/.test(text))
    throw new CheckpointError("it is a text file, not a checkpoint; was a web page saved instead of it?");
  return false;
}
