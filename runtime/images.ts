/** Pictures that graphs name: PNG, or NPZ with `arr_0` uint8 N×H×W×C and, where there are labels, `arr_1`. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Pictures } from "../diffusion/index.ts";
import { type Context, GraphError, type Known } from "../nodes/index.ts";
import { bytesSource } from "../onnx/index.ts";
import { decodePng, isPng, readNpz } from "./codecs/index.ts";
import type { Files } from "./models/host.ts";

type Images = Context["images"];
export type LoadedImage = Awaited<ReturnType<Images["load"]>>;

export interface ImageStore extends Images {
  /** What the planner asks (Known.image). */
  facts(id: string): Promise<ReturnType<Known["image"]>>;
}

/** Both throw a GraphError that names the file when it is missing or cannot be read. */
export function imageStore(files: Files): ImageStore {
  const loaded = new Map<string, Promise<LoadedImage & { readonly content: string }>>();
  const load = (id: string) => {
    const image = loaded.get(id) ?? read(files, id);
    loaded.set(id, image);
    image.catch(() => loaded.delete(id));
    return image;
  };
  return {
    load,
    async facts(id) {
      const { pictures, labels, content } = await load(id);
      const [batch, height, width, channels] = pictures.dims;
      return {
        content,
        batch,
        channels,
        ...(height === width && { size: height }),
        ...(labels && { labels: { max: labels.reduce((max, label) => Math.max(max, label), 0) } }),
      };
    },
  };
}

async function read(files: Files, id: string): Promise<LoadedImage & { readonly content: string }> {
  if (id === "") throw new GraphError("No picture is chosen", "file");
  const bytes = await files.image(id);
  if (!bytes) throw new GraphError(`Picture "${id}" is in no pictures folder; give its folder with --images`, "file");
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
