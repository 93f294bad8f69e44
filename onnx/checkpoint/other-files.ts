/** Files that are no checkpoints, told by how they begin: what each is, and what to do. */

const latin1 = (text: string): readonly number[] => Array.from(text, (char) => char.charCodeAt(0));

const beginnings: readonly (readonly [begins: readonly number[], problem: string])[] = [
  [latin1("version https://git-lfs"), "it is a Git LFS pointer; fetch the file itself (git lfs pull)"],
  [latin1("\x89PNG\r\n"), "it is a picture (PNG), not a checkpoint"],
  [[0xff, 0xd8, 0xff], "it is a picture (JPEG), not a checkpoint"],
  [latin1("GIF8"), "it is a picture (GIF), not a checkpoint"],
  [latin1("\x89HDF\r\n"), "it is an HDF5 file, as Keras writes them; PyTorch checkpoints and safetensors are read"],
  [latin1("GGUF"), "it is a GGUF file, of language models; PyTorch checkpoints and safetensors are read"],
  [latin1("\x93NUMPY"), "it is an array of NumPy's (.npy), not a checkpoint"],
  [[0x1f, 0x8b], "it is compressed with gzip: unpack it first"],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], "it is compressed with xz: unpack it first"],
  [[0x37, 0x7a, 0xbc, 0xaf], "it is a 7-Zip archive: unpack it first"],
  [latin1("BZh"), "it is compressed with bzip2: unpack it first"],
  [latin1("Rar!"), "it is a RAR archive: unpack it first"],
];

/** What is wrong with a file that begins so, if that is known. `head`: its first 512 bytes. */
export function otherFile(head: Uint8Array): string | undefined {
  const known = beginnings.find(([begins]) => begins.every((byte, i) => head[i] === byte));
  if (known) return known[1];
  const text = new TextDecoder("latin1").decode(head);
  if (text.slice(257, 262) === "ustar")
    return "it is a tar archive (or a checkpoint of PyTorch before 0.2): unpack it, or save its state_dict() anew";
  if (/^\s*[<{]/.test(text)) return "it is a text file, not a checkpoint; was a web page saved instead of it?";
  return undefined;
}
