/**
 * What this folder is given by its surroundings: files, a place for built models, and sessions. server/engine implements it
 * over the file system, with onnxruntime-node or -web; nothing here needs either.
 */
import type { InferenceSession } from "onnxruntime-common";
import type { Pictures } from "../../diffusion/index.ts";
import type { FileKind } from "../../nodes/index.ts";
import type { Flavour, OnnxModel, RandomAccess } from "../../onnx/index.ts";

/** A listed model file, read by offset. */
export interface ModelSource extends RandomAccess {
  /** SHA-256 of the whole file, in hex. */
  sha256(): Promise<string>;
  /** The text of the `.json` beside it; undefined when there is none. */
  card(): Promise<string | undefined>;
  /** Where a session can open it, if anywhere. */
  readonly path?: string;
  /** The file of that bare name beside it, which holds weights of an `.onnx` (its external data). */
  beside(name: string): Promise<RandomAccess & Pick<ModelSource, "sha256" | "path">>;
}

/** Finds files by the id that a graph names, below the listed folders only. */
export interface Files {
  /** Every model of that id, the preferred first: folders may hold different files of one name. Empty when none has it. */
  models(id: string): Promise<readonly ModelSource[]>;
  /** Ids of the kind near to one that is missing, for the message. */
  similar(kind: FileKind, id: string): Promise<readonly string[]>;
  /** A file of any name, since its content decides what it is, or a folder ("shapes/") with pictures; undefined when it is not there. */
  image(id: string): Promise<ListedFile | ImageFolder | undefined>;
  /** A file of any name; undefined when it is not there. */
  tensor(id: string): Promise<ListedFile | undefined>;
  /** What to do about a file that is not here, as whoever reads the message can do it. */
  howToBring(kind: FileKind): string;
  /** What an id names, where it is no file: "is a folder, …", after the name. Undefined where nothing is known of it. */
  instead(kind: FileKind, id: string): Promise<string | undefined>;
}

/** A listed file that is read as a whole. */
export interface ListedFile {
  /** Another whenever there may be something else in it. */
  readonly state: string;
  /** Where it is, if anywhere. */
  readonly path?: string;
  /** Rejects with a RangeError where it is larger than any picture or array. */
  read(): Promise<Uint8Array>;
}

/** The pictures of a listed folder, in the order of their names. */
export interface ImageFolder {
  readonly pictures: readonly (ListedFile & { readonly name: string })[];
}

/** The picture of a PNG, JPEG or WebP file, 1×H×W×3. Rejects with a SyntaxError that says what is wrong. */
export type DecodePicture = (bytes: Uint8Array) => Promise<Pictures>;

/** An ONNX model ready for a session. */
export interface BuiltModel {
  /** Weights included: what a session of it weighs at least. */
  readonly bytes: number;
  /** The file, or its content where there are no paths. */
  readonly model: string | Uint8Array;
  /** Files with its weights, where they lie outside: stored name, and path or content. */
  readonly external: readonly { readonly name: string; readonly data: string | Uint8Array }[];
}

/** Models by content: what was built once is not built again. */
export interface BuiltModels {
  /** Tells the code that builds from every other version of it: another version builds anew. */
  readonly builder: string;
  /** `check` throws where what it was built from is not what it was: then it is not kept. */
  get(key: string, build: () => OnnxModel | Promise<OnnxModel>, check?: () => Promise<unknown>): Promise<BuiltModel>;
  /** What was found of one, in words: found once. Absent: nothing is kept. */
  note?(key: string, find: () => Promise<string>): Promise<string>;
}

/** Where networks run. */
export interface Provider {
  readonly name: "cuda" | "webgpu" | "cpu" | "wasm";
  /** Which lowerings its kernels like. */
  readonly flavour: Flavour;
  /** Whether it computes faster in half precision. */
  readonly fp16: boolean;
  /** Whether it answers for several networks sooner in one session than in one each. */
  readonly joins?: boolean;
  /** Why it does not compute in half precision at all, in words. */
  readonly noHalf?: string;
  createSession(model: BuiltModel): Promise<InferenceSession>;
}
