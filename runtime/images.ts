/** Pictures that graphs name: PNG, or NPZ with `arr_0` uint8 N×H×W×C and, where there are labels, `arr_1`. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Pictures } from "../diffusion/index.ts";
import { type Context, GraphError, type Known } from "../nodes/index.ts";
import { bytesSource } from "../onnx/index.ts";
import { BoundedCache, type Budget } from "./bounded-cache.ts";
import { decodePng, isPng, readNpz } from "./codecs/index.ts";
import type { Files, ImageSource } from "./models/host.ts";

type Images = Context["images"];
export type LoadedImage = Awaited<ReturnType<Images["load"]>>;
type Facts = ReturnType<Known["image"]>;

/** Pictures as they are kept; `content` is the SHA-256 of their file. */
type KeptImage = LoadedImage & { readonly content: string };

export interface ImageStore extends Images {
  /** What the planner asks (Known.image). */
  facts(id: string): Promise<Facts>;
  /** The same of a file that is in no folder yet. */
  look(name: string, bytes: Uint8Array): Promise<Facts>;
}

/** All throw a GraphError that names the file when it is missing or cannot be read. */
export function imageStore(files: Files, budget: Budget | number = 256 * 2 ** 20): ImageStore {
  const kept = new BoundedCache<KeptImage>(budget, weigh);
  const load = async (id: string) => {
    const source = await find(files, id);
    return kept.getOrMake(`${id}\n${source.state}`, async () => read(id, await source.read()));
  };
  return {
    load,
    facts: async (id) => factsOf(await load(id)),
    look: async (name, bytes) => factsOf(await read(name, bytes)),
  };
}

const weigh = ({ pictures, labels = [] }: KeptImage): number => pictures.data.byteLength + 8 * labels.length + 1_024;

function factsOf({ pictures, labels, content }: KeptImage): Facts {
  const [batch, height, width, channels] = pictures.dims;
  return {
    content,
    batch,
    channels,
    ...(height === width && { size: height }),
    ...(labels && { labels: { max: labels.reduce((max, label) => Math.max(max, label), 0) } }),
  };
}

async function find(files: Files, id: string): Promise<ImageSource> {
  if (id === "") throw new GraphError("No picture is chosen", "file");
  const source = await files.image(id);
  if (!source) throw new GraphError(`Picture "${id}" is in no pictures folder; give its folder with --images`, "file");
  return source;
}

async function read(id: string, bytes: Uint8Array): Promise<KeptImage> {
  try {
    const image = isPng(bytes) ? { pictures: decodePng(bytes) } : await fromNpz(id, bytes);
    return { ...image, content: bytesToHex(sha256(bytes)) };
  } catch (error) {
    throw new GraphError(`Cannot read picture "${id}": ${error instanceof Error ? error.message : error}`, "file");
  }
}

async function fromNpz(id: string, bytes: Uint8Array): Promise<LoadedImage> {
  const arrays = await readNpz(bytesSource(id, bytes));
  const pictures = await arrays.get("arr_0")?.();
  if (!pictures) throw new SyntaxError("it has no array arr_0");
  const { type, dims, data } = pictures;
  if (type !== "uint8" || dims.length !== 4)
    throw new SyntaxError(`its arr_0 is ${type} ${dims.join("×")}, expected uint8 N×H×W×C`);
  const labels = await arrays.get("arr_1")?.();
  if (labels && labels.data.length !== dims[0])
    throw new SyntaxError(`its arr_1 holds ${labels.data.length} labels for ${dims[0]} pictures`);
  return {
    pictures: { dims, data: data as Uint8Array } satisfies Pictures,
    ...(labels && { labels: Array.from(labels.data as ArrayLike<number | bigint>, Number) }),
  };
}
