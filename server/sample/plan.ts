/** From the flags of `sample` to what its graph is made of. */
import { basename } from "node:path";
import type { ModelFile } from "../../nodes/index.ts";
import { formatModelFlags, type ModelFlags, type Role } from "../../onnx/index.ts";
import type { Network, Networks } from "../../runtime/index.ts";
import type { Engine } from "../engine/engine.ts";
import { fileAt, folderAt } from "../files/file-at.ts";
import { UsageError } from "../flags/errors.ts";
import type { Flags, Given } from "../flags/grammar.ts";
import type { SamplePlan } from "./document.ts";
import { classifierFlags, type sampleFlags, unetFlags } from "./flags.ts";

export type SampleFlags = Given<typeof sampleFlags>;

const defaultBatchSize = 16;
const defaultNumSamples = 10_000;

/** Every batch is full and the surplus is cut at the end. Throws a UsageError. */
export function batchesOf({
  batch_size: size = defaultBatchSize,
  num_samples: count = defaultNumSamples,
}: SampleFlags): number {
  if (size < 1 || count < 1) throw new UsageError("--batch_size and --num_samples take 1 or more");
  return Math.ceil(count / size);
}

/** The files that were typed, as real paths. Throws a UsageError for one that is missing. */
export async function typedPaths(given: SampleFlags): Promise<string[]> {
  const { model_path: model, classifier_path: classifier, base_samples: base } = given;
  if (!model) throw new UsageError("sample needs --model_path");
  if (classifier && base) throw new UsageError("sample takes --classifier_path or --base_samples, not both");
  const paths: string[] = [];
  for (const [flag, path] of Object.entries({ model_path: model, classifier_path: classifier, base_samples: base })) {
    if (!path) continue;
    // Pictures to enlarge may be a folder of them.
    const real = (await fileAt(path)) ?? (path === base ? await folderAt(path) : undefined);
    if (real === undefined) throw new UsageError(`There is no file ${path} (--${flag})`);
    paths.push(real);
  }
  return paths;
}

/** What the scripts assume where shapes do not tell (script_util.py: model_and_diffusion_defaults, create_classifier). */
const unetDefaults: ModelFlags = {
  image_size: 64,
  num_heads: 4,
  num_heads_upsample: -1,
  num_head_channels: -1,
  use_new_attention_order: false,
  predict_xstart: false,
};
const superResDefaults: ModelFlags = { ...unetDefaults, large_size: 256, small_size: 64 };

/** Where the files of a command are. */
export interface SampleFiles {
  readonly networks: Networks;
  /** A checkpoint by its id, and the SHA-256 to hold it to, "" for none. */
  model(path: string): Promise<Pick<ModelFile, "file" | "sha256">>;
  /** The id of pictures. */
  images(path: string): Promise<string>;
  /** Takes a line that a person should read. */
  say(line: string): void;
}

/** Files that the user named by path, who may name any. */
export const filesOf = ({ networks, hashes }: Engine, say: SampleFiles["say"] = () => {}): SampleFiles => ({
  networks,
  say,
  model: async (path) => ({ file: basename(path), sha256: await hashes.of((await fileAt(path)) ?? path) }),
  images: async (path) => `${basename(path)}${(await folderAt(path)) === undefined ? "" : "/"}`,
});

/** What the flags ask for, once the networks are read. Throws a UsageError or a GraphError. */
export async function planSample(files: SampleFiles, given: SampleFlags): Promise<SamplePlan> {
  const { classifier_path: classifierPath, base_samples: baseSamples, model_path: modelPath = "" } = given;
  const read = async (role: Role, path: string, typed: ModelFlags, defaults: ModelFlags) => {
    const file: ModelFile = { ...(await files.model(path)), flags: formatModelFlags(typed) };
    const network = await files.networks.open(role, file, defaults);
    const { sha256, notes } = network.about;
    for (const note of notes) files.say(`"${network.about.file}": ${note}`);
    return { facts: network.facts, file: { ...file, sha256, flags: completeFlags(network, typed) } };
  };
  const unet = await read("unet", modelPath, pick(given, unetFlags), baseSamples ? superResDefaults : unetDefaults);
  const imageSize = given.image_size ?? unet.facts.size;
  const judge = classifierPath
    ? await read(
        "classifier",
        classifierPath,
        {
          ...pick(given, classifierFlags),
          ...(given.image_size !== undefined && { image_size: given.image_size }),
          // A checkpoint's own shapes tell; the UNet's number may count a null label that a classifier has not.
          ...(given.num_classes !== undefined && isOnnx(classifierPath) && { num_classes: given.num_classes }),
        },
        {
          ...(imageSize !== undefined && { image_size: imageSize }),
          // A typed number of heads switches off the fixed width of one.
          ...(given.classifier_num_heads === undefined && { classifier_num_head_channels: 64 }),
        },
      )
    : undefined;
  const { process = {} } = unet.facts;
  return {
    unet: unet.file,
    ...(judge && { classifier: { ...judge.file, scale: given.classifier_scale ?? 1 } }),
    ...(baseSamples && { baseSamples: await files.images(baseSamples) }),
    classCond: unet.facts.classes !== undefined,
    classes: given.classes ?? "",
    process: {
      noise_schedule: given.noise_schedule ?? process.noise_schedule ?? "linear",
      diffusion_steps: given.diffusion_steps ?? process.diffusion_steps ?? 1000,
      timestep_respacing: given.timestep_respacing ?? "",
      rescale_timesteps: (given.rescale_timesteps ?? process.rescale_timesteps ?? false) ? "yes" : "no",
    },
    ddim: (given.use_ddim ?? false) && !baseSamples,
    eta: given.eta ?? 0,
    clipDenoised: given.clip_denoised ?? true,
    seed: given.seed ?? 0,
    generator: given.noise ?? "torch",
    batchSize: given.batch_size ?? defaultBatchSize,
    numSamples: given.num_samples ?? defaultNumSamples,
  };
}

const isOnnx = (path: string): boolean => /\.onnx$/i.test(path);

/** The typed flags of one table. */
const pick = (given: SampleFlags, table: Flags): ModelFlags =>
  Object.fromEntries(Object.entries(given).filter(([name]) => Object.hasOwn(table, name)));

/** A checkpoint's complete flags, so that the graph needs no defaults; an ONNX file keeps what was typed. */
const completeFlags = ({ about }: Network, typed: ModelFlags): string =>
  formatModelFlags(about.architecture === "ONNX" ? typed : about.flags);
