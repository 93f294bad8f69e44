/**
 * Pictures that graphs name: PNG, JPEG and WebP, a folder of them, or NPZ with `arr_0` uint8 N×H×W×C and, where there are
 * labels, `arr_1`.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { MeanAndCovariance } from "../diffusion/evaluation/index.ts";
import type { Pictures } from "../diffusion/index.ts";
import { type Context, GraphError, type Known } from "../nodes/index.ts";
import { bytesSource, headBytes, sayOther } from "../onnx/index.ts";
import { BoundedCache, type Budget } from "./bounded-cache.ts";
import { isJpeg, isPng, isWebp, isZip, maxPictureBytes, pixelsOnly, readNpz } from "./codecs/index.ts";
import { concat } from "./codecs/inflate.ts";
import type { DecodePicture, Files, ImageFolder, ListedFile } from "./models/host.ts";
import { notHere } from "./not-here.ts";
import { statisticsIn } from "./statistics.ts";

type Images = Context["images"];
export type LoadedImage = Awaited<ReturnType<Images["load"]>>;
type Facts = ReturnType<Known["image"]>;

/** Pictures as they are kept; `content` is the SHA-256 of their file. */
type KeptImage = LoadedImage & { readonly content: string };

export interface ImageStore extends Images {
  load(id: string): Promise<KeptImage>;
  /** With the content of the file that they were read from. */
  features(id: string): Promise<(MeanAndCovariance & Pick<KeptImage, "content">) | undefined>;
  /** What the planner asks (Known.image). */
  facts(id: string): Promise<Facts>;
  /** The same of a file that is in no folder yet. */
  look(name: string, bytes: Uint8Array): Promise<Facts>;
}

/** Pictures of a folder together: what Load Image takes at most, and what one NPZ may have. */
const maxFolderPictures = 4096;
const maxFolderBytes = 2 ** 28;

/** All throw a GraphError that names the file when it is missing or cannot be read. */
export function imageStore(files: Files, decode: DecodePicture, budget: Budget | number = 256 * 2 ** 20): ImageStore {
  const kept = new BoundedCache<KeptImage>(budget, weigh);
  const load = async (id: string) => {
    const found = await find(files, id);
    if ("read" in found) return kept.getOrMake(`${id}\n${found.state}`, () => read(id, found.read, decode));
    const states = found.pictures.map(({ state }) => state);
    return kept.getOrMake(`${id}\n${states.join("\n")}`, () => readFolder(id, found, decode));
  };
  return {
    load,
    async features(id) {
      const found = await find(files, id);
      return "read" in found ? withName(id, async () => featuresIn(id, await found.read())) : undefined;
    },
    facts: async (id) => factsOf(await load(id)),
    look: async (name, bytes) => factsOf(await read(name, async () => bytes, decode)),
  };
}

const weigh = ({ pictures, labels = [] }: KeptImage): number => pictures.data.byteLength + 8 * labels.length + 1_024;

function factsOf({ pictures, labels, content }: KeptImage): Facts {
  const [batch, height, width, channels] = pictures.dims;
  return {
    content,
    batch,
    channels,
    height,
    width,
    ...(labels && { labels: { max: labels.reduce((max, label) => Math.max(max, label), 0) } }),
  };
}

async function find(files: Files, id: string): Promise<ListedFile | ImageFolder> {
  if (id === "") throw new GraphError("No picture is chosen", "file");
  const source = await files.image(id);
  if (!source) throw await notHere(files, "image", id);
  return source;
}

const read = (id: string, open: ListedFile["read"], decode: DecodePicture): Promise<KeptImage> =>
  withName(id, async () => {
    const bytes = await open();
    return { ...(await imageOf(id, bytes, decode)), content: contentOf(bytes) };
  });

const contentOf = (bytes: Uint8Array): string => bytesToHex(sha256(bytes));

async function withName<T>(id: string, done: () => Promise<T>): Promise<T> {
  try {
    return await done();
  } catch (error) {
    throw new GraphError(`Cannot read picture "${id}": ${error instanceof Error ? error.message : error}`, "file");
  }
}

/** By what its bytes are, whatever it is called. */
async function imageOf(id: string, bytes: Uint8Array, decode: DecodePicture): Promise<LoadedImage> {
  if (isZip(bytes)) return fromNpz(id, bytes);
  if (bytes.length > maxPictureBytes)
    throw new SyntaxError(`it has ${bytes.length} bytes, the limit is ${maxPictureBytes}`);
  if (isPng(bytes)) return { pictures: await decode(pixelsOnly(bytes)) };
  if (isJpeg(bytes) || isWebp(bytes)) return { pictures: await decode(bytes) };
  throw new SyntaxError(
    sayOther(bytes.subarray(0, headBytes), "a picture", advice) ?? "it is neither PNG, JPEG, WebP nor NPZ",
  );
}

const advice = { "a picture": "save it as PNG, JPEG or WebP", "an array": "Load Tensor reads it" };

/** All of a folder as one batch. */
async function readFolder(id: string, { pictures }: ImageFolder, decode: DecodePicture): Promise<KeptImage> {
  if (pictures.length > maxFolderPictures)
    throw new GraphError(
      `Folder "${id}" has ${pictures.length} pictures; at most ${maxFolderPictures} are a batch`,
      "file",
    );
  const images: KeptImage[] = [];
  let bytes = 0;
  for (const picture of pictures) {
    const image = await read(`${id}${picture.name}`, picture.read, decode);
    images.push(image);
    const [first, now] = [images[0], image].map((one) => one.pictures.dims.slice(1).join("×"));
    if (now !== first)
      throw new GraphError(
        `The pictures of "${id}" are no batch: "${pictures[0].name}" is ${first} and "${picture.name}" ${now}`,
        "file",
      );
    bytes += image.pictures.data.byteLength;
    if (bytes > maxFolderBytes)
      throw new GraphError(
        `The pictures of "${id}" have more than ${maxFolderBytes} bytes together: use fewer`,
        "file",
      );
  }
  const content = contentOf(utf8ToBytes(images.map((image) => image.content).join(" ")));
  const [, ...dims] = images[0].pictures.dims;
  const data = concat(images.map((image) => image.pictures.data));
  return { pictures: { dims: [images.length, ...dims], data }, content };
}

async function featuresIn(id: string, bytes: Uint8Array) {
  const features = isZip(bytes) ? await statisticsIn(await readNpz(bytesSource(id, bytes))) : undefined;
  return features && { ...features, content: contentOf(bytes) };
}

async function fromNpz(id: string, bytes: Uint8Array): Promise<LoadedImage> {
  const arrays = await readNpz(bytesSource(id, bytes));
  const pictures = await arrays.get("arr_0")?.();
  if (!pictures)
    throw new SyntaxError(arrays.size === 0 ? "it is a zip archive without arrays, no NPZ" : "it has no array arr_0");
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
