/** From the flags of `sample` to what its graph is made of. */
import { basename } from "node:path";
import { GraphError, type ModelFile } from "../../nodes/index.ts";
import { defaultsOf, formatModelFlags, type ModelFlags, type Role } from "../../onnx/index.ts";
import type { Network, Networks } from "../../runtime/index.ts";
import { didYouMean } from "../../spelling/index.ts";
import type { Engine } from "../engine/engine.ts";
import { fileAt, folderAt } from "../files/file-at.ts";
import { isOnnx } from "../files/is-onnx.ts";
import { UsageError } from "../flags/errors.ts";
import type { Flags, Given } from "../flags/grammar.ts";
import { idleFlags } from "../flags/idle.ts";
import { expectBeside } from "./beside.ts";
import type { SamplePlan } from "./document.ts";
import { classifierFlags, processFlags, type sampleFlags, unetFlags } from "./flags.ts";
import { idleInSample, type KnownNetwork } from "./idle.ts";
import { processOf } from "./process.ts";
import { inRoleFlags, roleFlagsText } from "./role-flags.ts";
import { factsUnread } from "./unread.ts";
import type { Origin } from "./words.ts";

export type SampleFlags = Given<typeof sampleFlags>;

const defaultBatchSize = 16;
const defaultNumSamples = 10_000;

const samplesOf = ({ num_samples: count = defaultNumSamples }: SampleFlags): number => count;

/** The scripts' own where none is typed; philox draws the same pictures in any, so then none is drawn that is not asked for. */
function batchSizeOf(given: SampleFlags): number {
  const { batch_size: size = defaultBatchSize, noise } = given;
  return noise === "philox" && given.batch_size === undefined ? Math.min(size, samplesOf(given)) : size;
}

/** Every batch is full and the surplus is cut at the end. Throws a UsageError. */
export function batchesOf(given: SampleFlags): number {
  const [size, count] = [batchSizeOf(given), samplesOf(given)];
  if (size < 1 || count < 1) throw new UsageError("--batch_size and --num_samples take 1 or more");
  return Math.ceil(count / size);
}

/** How a batch that is larger than what is asked for could be smaller. */
export function smallerBatch(given: SampleFlags): string | undefined {
  const count = samplesOf(given);
  if (batchSizeOf(given) <= count) return undefined;
  const others = given.noise === "philox" ? "" : ", perhaps other ones: torch's noise goes by the batch";
  return `--batch_size ${count} draws ${count} alone${others}`;
}

/** The files of a command, by the flag that names each. Throws a UsageError for flags that do not go together. */
function typedFiles(given: SampleFlags): [flag: string, path: string][] {
  const { model_path, classifier_path, base_samples, condition } = given;
  if (!model_path) throw new UsageError("sample needs --model_path");
  if (classifier_path && base_samples)
    throw new UsageError("sample takes --classifier_path or --base_samples, not both");
  return Object.entries({ model_path, classifier_path, base_samples, condition }).filter(
    (entry): entry is [string, string] => Boolean(entry[1]),
  );
}

const arePictures = (flag: string): boolean => flag === "base_samples" || flag === "condition";

/** The files that were typed as paths, as real paths; what is none may be a listed name. Throws a UsageError. */
export async function typedPaths(given: SampleFlags): Promise<string[]> {
  const real = typedFiles(given).map(async ([flag, path]) => {
    // Pictures may be a folder of them.
    const folder = await folderAt(path);
    if (folder !== undefined && !arePictures(flag))
      throw new UsageError(`${path} is a folder (--${flag}): name the file in it`);
    return (await fileAt(path)) ?? folder;
  });
  return (await Promise.all(real)).filter((path) => path !== undefined);
}

/** Throws a UsageError for a file that is neither there nor listed. */
export async function expectFiles(engine: Engine, given: SampleFlags): Promise<void> {
  const [first] = await missingFiles(engine, given);
  if (first) throw new UsageError(first.why);
}

/** The files that are neither there nor listed. */
export async function missingFiles({ files }: Engine, given: SampleFlags): Promise<{ path: string; why: string }[]> {
  const missing: { path: string; why: string }[] = [];
  for (const [flag, path] of typedFiles(given)) {
    if ((await fileAt(path)) ?? (arePictures(flag) ? await folderAt(path) : undefined)) continue;
    const isListed = arePictures(flag) ? await files.image(path) : (await files.models(path)).length > 0;
    if (isListed) continue;
    const similar = arePictures(flag) ? [] : await files.similar("model", path);
    const offer = didYouMean(similar, { what: "the listed " });
    missing.push({ path, why: `There is no file ${path} (--${flag})${offer}` });
  }
  return missing;
}

/** What shapes do not tell. */
const untold = defaultsOf(
  "image_size",
  "num_heads",
  "num_heads_upsample",
  "num_head_channels",
  "use_new_attention_order",
  "predict_xstart",
);

/** Where the files of a command are. */
export interface SampleFiles {
  readonly networks: Networks;
  /** A checkpoint by its id, and the SHA-256 to hold it to, "" for none. With `isAbsent` it is only named: nothing can read it yet. */
  model(path: string): Promise<Pick<ModelFile, "file" | "sha256"> & { readonly isAbsent?: boolean }>;
  /** The id of pictures. */
  images(path: string): Promise<string>;
  /** Takes a line that a person should read. */
  say(line: string): void;
}

/** The last name of a path, which may be another system's. */
export const nameIn = (path: string): string => basename(path.replaceAll("\\", "/"));

/** Files that the user named by path, who may name any; those at the paths `absent` are only named. */
export const filesOf = (
  { networks, hashes }: Engine,
  say: SampleFiles["say"] = () => {},
  absent: readonly string[] = [],
): SampleFiles => ({
  networks,
  say,
  async model(path) {
    if (absent.includes(path)) return { file: nameIn(path), sha256: "", isAbsent: true };
    const real = await fileAt(path);
    return real === undefined ? { file: path, sha256: "" } : { file: basename(path), sha256: await hashes.of(real) };
  },
  async images(path) {
    if (absent.includes(path)) return nameIn(path);
    if ((await folderAt(path)) !== undefined) return `${basename(path)}/`;
    return (await fileAt(path)) === undefined ? path : basename(path);
  },
});

/** What the flags ask for, once the networks are read. Throws a UsageError or a GraphError. */
export async function planSample(
  files: SampleFiles,
  given: SampleFlags,
  origin: Origin | undefined = originOf(given),
): Promise<SamplePlan> {
  const { classifier_path: classifierPath, base_samples: baseSamples, model_path: modelPath = "" } = given;
  const read = async (role: Role, path: string, typed: ModelFlags, defaults: ModelFlags) => {
    const { isAbsent = false, ...found } = await files.model(path);
    // A checkpoint has one input and output of each kind.
    const names = isOnnx(path) ? roleFlagsText(given, role) : "";
    const withNames = (flags: string): string => [flags, names].filter(Boolean).join(" ");
    const file: ModelFile = { ...found, flags: withNames(formatModelFlags(typed)) };
    // Only what was typed stays on its node: defaults would go over its card.
    if (isAbsent) return { facts: factsUnread({ ...defaults, ...typed }), file, isAbsent };
    const network = await files.networks.open(role, file, defaults).catch((error) => {
      throw error instanceof GraphError ? new GraphError(inRoleFlags(error.message, role), error.port) : error;
    });
    const { sha256, notes } = network.about;
    for (const note of notes) files.say(`"${network.about.file}": ${note}`);
    return {
      facts: network.facts,
      file: { ...file, sha256, flags: withNames(completeFlags(network, typed)) },
      isAbsent,
      network,
    };
  };
  const unet = await read("unet", modelPath, ofUnet(given), {
    ...untold,
    ...(baseSamples && defaultsOf("large_size", "small_size")),
    ...pick(given, processFlags),
  });
  const imageSize = given.image_size ?? unet.facts.height;
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
          ...(given.classifier_num_heads === undefined && defaultsOf("classifier_num_head_channels")),
        },
      )
    : undefined;
  if (!unet.isAbsent) expectBeside(unet.facts, given);
  const known = { unet: knownOf(unet.network), classifier: knownOf(judge?.network) };
  for (const line of idleFlags(idleInSample, given, known)) files.say(line);
  return {
    unet: unet.file,
    ...(judge && { classifier: { ...judge.file, scale: given.classifier_scale ?? 1 } }),
    ...(baseSamples && { baseSamples: await files.images(baseSamples) }),
    ...(given.condition && { condition: await files.images(given.condition) }),
    classCond: unet.facts.classes !== undefined,
    classes: given.classes ?? "",
    process: processOf(given, {
      network: unet.isAbsent ? undefined : (unet.facts.process ?? {}),
      origin,
      say: files.say,
    }),
    ddim: (given.use_ddim ?? false) && !baseSamples,
    eta: given.eta ?? 0,
    clipDenoised: given.clip_denoised ?? true,
    seed: given.seed ?? 0,
    generator: given.noise ?? "torch",
    batchSize: batchSizeOf(given),
    numSamples: samplesOf(given),
  };
}

const knownOf = (network: Network | undefined): KnownNetwork | undefined =>
  network && {
    isOnnx: network.about.architecture === "ONNX",
    takesLabels: network.facts.classes !== undefined,
    learnsVariance: network.facts.learnSigma === true,
    flags: network.about.flags,
  };

/** Flags that only one of the two has. */
function originOf(given: SampleFlags): Origin | undefined {
  if (given.sigma_small !== undefined) return "improved-diffusion";
  const later = ["classifier_path", "resblock_updown", "num_head_channels", "use_new_attention_order", "channel_mult"];
  return later.some((flag) => flag in given) ? "guided-diffusion" : undefined;
}

/** An architecture may be the classifier's, whose flags are pasted beside the UNet's. */
function ofUnet(given: SampleFlags): ModelFlags {
  const { architecture, ...flags } = pick(given, unetFlags);
  return architecture === undefined || architecture === "EncoderUNetModel" ? flags : { architecture, ...flags };
}

/** The typed flags of one table. */
const pick = (given: SampleFlags, table: Flags): ModelFlags =>
  Object.fromEntries(Object.entries(given).filter(([name]) => Object.hasOwn(table, name)));

/** A checkpoint's complete flags, so that the graph needs no defaults; an ONNX file keeps what was typed. */
const completeFlags = ({ about }: Network, typed: ModelFlags): string =>
  formatModelFlags(about.architecture === "ONNX" ? typed : about.flags);
