/** Files of other programs, told by how they begin: what each is, and what to do, for every reader that does not take them. */

interface OtherFile {
  /** "a picture (GIF)", after "it is". */
  readonly is: string;
  /** What makes a readable file of it. */
  readonly todo?: string;
}

const latin1 = (text: string): readonly number[] => Array.from(text, (char) => char.charCodeAt(0));

const tar: OtherFile = { is: "a tar archive", todo: "unpack it first" };

/** Where in the file, what stands there. */
const beginnings: readonly (readonly [at: number, bytes: readonly number[], file: OtherFile])[] = [
  [0, latin1("version https://git-lfs"), { is: "a Git LFS pointer", todo: "fetch the file itself (git lfs pull)" }],
  [0, latin1("\x89PNG\r\n"), { is: "a picture (PNG)" }],
  [0, [0xff, 0xd8, 0xff], { is: "a picture (JPEG)" }],
  [0, [0xff, 0xfe], { is: "text in UTF-16", todo: "save it as UTF-8" }],
  [0, latin1("GIF8"), { is: "a picture (GIF)" }],
  [0, latin1("II*\0"), { is: "a picture (TIFF)" }],
  [0, latin1("MM\0*"), { is: "a picture (TIFF)" }],
  [8, latin1("WEBP"), { is: "a picture (WebP)" }],
  [4, latin1("ftypavi"), { is: "a picture (AVIF)" }],
  [4, latin1("ftyphei"), { is: "a picture (HEIC)" }],
  [4, latin1("ftyp"), { is: "a film (MP4)" }],
  [0, latin1("%PDF"), { is: "a PDF" }],
  [128, latin1("DICM"), { is: "a DICOM file", todo: "save its pixels as an array (numpy.save)" }],
  [344, latin1("n+1\0"), { is: "a NIfTI file", todo: "save its values as an array (numpy.save)" }],
  [0, latin1("MATLAB"), { is: "a MATLAB file", todo: "save its values as an array (numpy.save)" }],
  [0, latin1("\x89HDF\r\n"), { is: "an HDF5 file" }],
  [0, latin1("GGUF"), { is: "a GGUF file, of language models" }],
  [0, latin1("\x93NUMPY"), { is: "an array of NumPy's (.npy)" }],
  [0, [0x1f, 0x8b], { is: "compressed with gzip", todo: "unpack it first" }],
  [0, [0xfd, 0x37, 0x7a, 0x58, 0x5a], { is: "compressed with xz", todo: "unpack it first" }],
  [0, [0x28, 0xb5, 0x2f, 0xfd], { is: "compressed with Zstandard", todo: "unpack it first" }],
  [0, [0x37, 0x7a, 0xbc, 0xaf], { is: "a 7-Zip archive", todo: "unpack it first" }],
  [0, latin1("BZh"), { is: "compressed with bzip2", todo: "unpack it first" }],
  [0, latin1("Rar!"), { is: "a RAR archive", todo: "unpack it first" }],
  [257, latin1("ustar"), tar],
];

/** As many bytes of a file's beginning as tell what it is. */
export const headBytes = 512;

/** Whether a file that begins so is JSON, with an object or a list at the top. */
export const looksLikeJson = (head: Uint8Array): boolean =>
  /^\s*(?:\{\s*["}]|\[\s*["\]{[\d-])/.test(new TextDecoder("latin1").decode(head.subarray(0, headBytes)));

export const looksLikeTar = (head: Uint8Array): boolean => otherFile(head) === tar;

const shardIndex: OtherFile = {
  is: "the index of a checkpoint in parts",
  todo: "join the parts, and save one state_dict()",
};

/** Whether a file that begins so says in which parts of a checkpoint its tensors lie (`model.safetensors.index.json`). */
export const looksLikeShardIndex = (head: Uint8Array): boolean =>
  looksLikeJson(head) && new TextDecoder("latin1").decode(head.subarray(0, headBytes)).includes('"weight_map"');

function otherFile(head: Uint8Array): OtherFile | undefined {
  if (looksLikeJson(head)) return looksLikeShardIndex(head) ? shardIndex : { is: "JSON" };
  const known = beginnings.find(([at, bytes]) => bytes.every((byte, i) => head[at + i] === byte));
  if (known) return known[2];
  const text = new TextDecoder("latin1").decode(head.subarray(0, headBytes));
  if (/^\s*(?:<\?xml[^>]*>\s*)?<svg/.test(text)) return { is: "a picture (SVG)" };
  return /^\s*</.test(text) ? { is: "a web page", todo: "was it saved instead of the file?" } : undefined;
}

/**
 * What is wrong with a file that begins so, if it is known: "it is a picture (GIF), not a checkpoint", "it is empty". `head`: its
 * first `headBytes`; `todo`: what the reader advises for some, by how their names begin.
 */
export function sayOther(
  head: Uint8Array,
  wanted: string,
  todo: Readonly<Record<string, string>> = {},
): string | undefined {
  if (head.length === 0) return "it is empty";
  const other = otherFile(head);
  if (!other) return undefined;
  const known = Object.keys(todo).find((name) => other.is.startsWith(name));
  const advice = known === undefined ? other.todo : todo[known];
  return `it is ${other.is}${advice ? `: ${advice}` : `, not ${wanted}`}`;
}
