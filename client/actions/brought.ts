/** What a file is that somebody brings: its content says it, not its name. */
import { isNamedAs } from "../../nodes/file-kinds.ts";
import { looksLikeSafetensors } from "../../onnx/checkpoint/safetensors.ts";
import { headBytes, looksLikeShardIndex, sayOther } from "../../onnx/other-files.ts";
import { isPng } from "../../runtime/codecs/index.ts";

/** `samples`: an NPZ as the reference saves its pictures. */
export type Brought = "model" | "graph" | "card" | "picture" | "samples" | "array";

export interface BroughtFile {
  readonly file: File;
  readonly is: Brought;
  /** What it is of another program, and nothing here reads. */
  readonly refused?: string;
}

/** What it is called in a sentence. */
export const broughtWords: Readonly<Record<Brought, string>> = {
  model: "a model",
  graph: "a graph",
  card: "a model’s card",
  picture: "a picture",
  samples: "an NPZ",
  array: "an array",
};

/** A character a byte. What browsers decode as "latin1" is Windows-1252, where 0x93 is a quotation mark. */
const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

export async function sorted(file: File): Promise<BroughtFile> {
  const bytes = await file
    .slice(0, headBytes)
    .arrayBuffer()
    .catch(() => undefined);
  if (!bytes) return { file, is: "graph", refused: unreadable };
  const head = new Uint8Array(bytes);
  const text = latin1(head);
  // First of all: it begins with a number, whose bytes may be those of anything else.
  if (looksLikeSafetensors(head, file.size)) return { file, is: "model" };
  if (isPng(head) || text.startsWith("\xff\xd8\xff") || (text.startsWith("RIFF") && text.startsWith("WEBP", 8)))
    return { file, is: "picture" };
  if (text.startsWith("\x93NUMPY")) return { file, is: "array" };
  const entry = text.startsWith("PK") ? firstEntry(head) : "";
  if (entry.endsWith(".npy")) return { file, is: entry === "arr_0.npy" ? "samples" : "array" };
  if (/^(?:\xef\xbb\xbf)?\s*[{[]/.test(text) && !looksLikeShardIndex(head))
    return { file, is: (await isCard(file)) ? "card" : "graph" };
  const refused = sayOther(head, "a graph, a model, a picture or an array", advice);
  return { file, is: byName(file.name, /^[\t\n\r -~]*$/.test(text)), ...(refused !== undefined && { refused }) };
}

/** A folder that was picked, where a browser cannot look into it, comes as a file that cannot be read. */
const unreadable =
  "it cannot be read: it is a folder, or is not there any more. Drop the files in it: pictures that are dropped together are one batch";

const advice = {
  "a picture": "save it as PNG, JPEG or WebP",
  "an HDF5 file": "Keras writes them; PyTorch checkpoints and safetensors are read",
  "a tar archive": "unpack it; a checkpoint of PyTorch before 0.2 is one: save its state_dict() anew",
};

/** What its content does not tell, and will be refused as what it is called. */
function byName(name: string, isText: boolean): Brought {
  if (isNamedAs("model", name)) return "model";
  if (/\.(jpe?g|webp)$/i.test(name)) return "picture";
  if (/\.np[yz]$/i.test(name)) return "array";
  return isText || /\.(json|png)$/i.test(name) ? "graph" : "model";
}

/** The name of a zip archive's first record. */
function firstEntry(head: Uint8Array): string {
  const length = head.length > 30 ? head[26] + 256 * head[27] : 0;
  return latin1(head.subarray(30, 30 + length));
}

/** More would be something else. */
const mostOfCard = 1_000_000;

/** Flags as JSON values, and no nodes: neither a graph nor a prompt of another editor. */
async function isCard(file: File): Promise<boolean> {
  if (file.size > mostOfCard) return false;
  try {
    const card: unknown = JSON.parse(await file.text());
    if (typeof card !== "object" || card === null || Array.isArray(card) || "nodes" in card) return false;
    const entries = Object.entries(card);
    const isFlag = ([name, value]: [string, unknown]) => /^[a-z_]+$/.test(name) && typeof value !== "object";
    return entries.length > 0 && entries.some(isFlag) && !entries.some(([, value]) => isRecord(value));
  } catch {
    return false;
  }
}

const isRecord = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);

const stem = ({ name }: File): string => name.replace(/\.[^.]*$/, "").toLowerCase();

/** Each model with the card that came with it: of its name, or the only one beside the only model. */
export function paired(brought: readonly BroughtFile[]): {
  readonly models: readonly { readonly file: File; readonly card?: File }[];
  readonly rest: readonly BroughtFile[];
} {
  const models = brought.filter(({ is }) => is === "model").map(({ file }) => file);
  const cards = brought.filter(({ is }) => is === "card").map(({ file }) => file);
  const cardOf = (model: File): File | undefined =>
    cards.find((card) => stem(card) === stem(model)) ??
    (models.length === 1 && cards.length === 1 ? cards[0] : undefined);
  const pairs = models.map((file) => {
    const card = cardOf(file);
    return { file, ...(card && { card }) };
  });
  const taken = new Set(pairs.map(({ card }) => card));
  return { models: pairs, rest: brought.filter(({ file, is }) => is !== "model" && !taken.has(file)) };
}
