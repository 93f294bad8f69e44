/**
 * Built ONNX models on disk, by content key. A model is complete when its `.onnx` is there: its weights, where they lie
 * outside, are put in place before it.
 */
import { type FileHandle, readFile, stat, utimes } from "node:fs/promises";
import { basename, join } from "node:path";
import { defaultInlineLimitBytes, type OnnxModel, writeModel } from "../../onnx/index.ts";
import type { BuiltModel, BuiltModels } from "../../runtime/index.ts";
import { type AtomicOptions, allOrNone, writeAtomically, writePieces } from "./atomic.ts";
import { builderHash } from "./code-hash.ts";
import { type Bounds, tidyModels } from "./tidy-models.ts";

/** Of the largest released models, networks and gradients for two backends. */
const bounds: Bounds = { maxBytes: 20 * 2 ** 30, restMs: 3_600_000 };

export function builtModels(cache: string, within: Bounds = bounds): BuiltModels {
  const folder = join(cache, "models");
  const tidy = () => tidyModels(folder, within);
  const running = new Map<string, Promise<BuiltModel>>();
  return {
    builder: builderHash(),
    get(key, build, check) {
      const path = join(folder, `${key}.onnx`);
      const model = running.get(key) ?? find(path, build, check, tidy).finally(() => running.delete(key));
      running.set(key, model);
      return model;
    },
    async note(key, find) {
      const path = join(folder, `${key}.json`);
      const there = await readFile(path, "utf8").catch(() => undefined);
      if (there !== undefined) return there;
      const found = await find();
      // Where there is no room, it is found anew.
      await writePieces(path, [Buffer.from(found)]).catch(() => {});
      return found;
    },
  };
}

async function find(
  path: string,
  build: () => OnnxModel | Promise<OnnxModel>,
  check: (() => Promise<unknown>) | undefined,
  tidy: () => Promise<unknown>,
): Promise<BuiltModel> {
  const found = await existing(path);
  if (found) return found;
  await writeModelFile(path, await build(), { check });
  await tidy();
  const written = await existing(path);
  if (!written) throw new Error(`Cannot read ${path} back after it was written`);
  return written;
}

async function existing(path: string): Promise<BuiltModel | undefined> {
  const [model, weights] = await Promise.all([path, weightsOf(path)].map(sizeOf));
  if (model === undefined) return undefined;
  // The time of last use, by which the folder is tidied.
  await utimes(path, new Date(), new Date()).catch(() => {});
  return {
    model: path,
    bytes: model + (weights ?? 0),
    external: weights === undefined ? [] : [{ name: basename(weightsOf(path)), data: weightsOf(path) }],
  };
}

const sizeOf = (path: string): Promise<number | undefined> =>
  stat(path).then(
    ({ size }) => size,
    () => undefined,
  );

/** Where the weights of a model lie, when they are large. */
export const weightsOf = (path: string): string => `${path}.data`;

export interface ModelFileOptions extends Pick<AtomicOptions, "isNew"> {
  readonly check?: (() => Promise<unknown>) | undefined;
  /** Larger weights lie beside it. */
  readonly inlineLimitBytes?: number | undefined;
}

/**
 * Writes a model, and its weights beside it (`….onnx.data`) when they are large. Each appears whole or not at all, and the
 * model not before `check`, when all that it is made of is read. Of what is new neither stays without the other.
 */
export async function writeModelFile(
  path: string,
  model: OnnxModel,
  { check, inlineLimitBytes = defaultInlineLimitBytes, ...options }: ModelFileOptions = {},
): Promise<void> {
  const total = [...model.graph.initializers.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  const beside = weightsOf(path);
  await allOrNone(async (put) => {
    let bytes: Uint8Array;
    if (total > inlineLimitBytes) {
      const external = (file: FileHandle) => ({
        location: basename(beside),
        write: (bytes: Uint8Array) => file.writeFile(bytes),
      });
      bytes = await writeAtomically(
        beside,
        (file) => writeModel(model, { inlineLimitBytes, external: external(file) }),
        options,
      );
      // What may be replaced may be another's, who builds the same.
      if (options.isNew) put(beside);
    } else bytes = await writeModel(model, { inlineLimitBytes });
    await check?.();
    await writeAtomically(path, (file) => file.writeFile(bytes), options);
  });
}
