/**
 * From tensor shapes and flags to a network. Shapes tell almost everything; flags, a card or a preset tell the rest, and
 * what nothing tells is asked for. No weights are read.
 */
import { CheckpointError, type StateDict } from "../checkpoint/index.ts";
import { escaped } from "../checkpoint/source.ts";
import { describeDifferences, differences } from "./differences.ts";
import { formatModelFlags, isFlagName, type ModelFlags } from "./flags.ts";
import { defaultMultipliers, flagNames, flagsFromStructure, type Role, structureFromFlags } from "./from-flags.ts";
import { type Heads, headsProblem, resolveHeads } from "./heads.ts";
import { inferStructures, isClassifier } from "./infer.ts";
import { findPreset, type Preset } from "./presets.ts";
import { shapesOf } from "./shapes.ts";
import { type Structure, structureKey } from "./structure.ts";

export interface Network {
  readonly role: Role;
  readonly architecture: Structure["architecture"];
  readonly structure: Structure;
  readonly heads: Heads;
  readonly facts: AdmFacts;
  /** Names of the released checkpoints it may be; several have the same shapes and the same flags. */
  readonly preset?: readonly string[];
  /** Complete: with them alone the same network is recognised. */
  readonly flags: ModelFlags;
}

/** What a graph must know of a network before it runs. */
export interface AdmFacts {
  /** Channels of a picture: of x, without low_res. */
  readonly channels: number;
  /** Height and width of x. */
  readonly size: number;
  readonly classes?: number;
  readonly classNames?: readonly string[];
  readonly nullLabel?: number;
  readonly predicts?: "eps" | "x0";
  readonly learnSigma?: boolean;
  /** Height and width of low_res, where it is known. */
  readonly lowRes?: number;
  readonly process?: Pick<ModelFlags, "noise_schedule" | "diffusion_steps" | "rescale_timesteps">;
}

export interface RecogniseOptions {
  /** Flags from the card beside the file. They must fit, as typed ones do; typed ones go before. */
  readonly card?: ModelFlags | undefined;
  /** Used only for what neither shapes, flags, card nor a preset tell: the scripts' own defaults, in `sample`. */
  readonly defaults?: ModelFlags | undefined;
  /** For messages: the file's name. */
  readonly name?: string | undefined;
}

/**
 * The network whose tensors these are. Throws a CheckpointError: one line, or a list of the missing, unexpected and
 * mis-shaped keys; or the flags to give.
 */
export function recognise(
  state: StateDict,
  role: Role | undefined,
  given: ModelFlags,
  { card = {}, defaults = {}, name = "checkpoint" }: RecogniseOptions = {},
): Network {
  const refuse = (problem: string, ...details: readonly string[]) =>
    new CheckpointError([`Cannot use checkpoint ${escaped(name)}: ${problem}`, ...details].join("\n  "));
  const told: ModelFlags = { ...card, ...given };
  const actual: Role = isClassifier(state) ? "classifier" : "unet";
  const { fitting, closest } = inferStructures(state, wantsSuperRes({ ...defaults, ...told }));
  if (!closest)
    throw refuse("its tensors are not those of a UNetModel, SuperResModel or EncoderUNetModel of guided-diffusion");
  if (role !== undefined && role !== actual)
    throw refuse(
      `it is ${actual === "unet" ? `a ${closest.structure.architecture}` : "a classifier (EncoderUNetModel)"}, not a ${role === "unet" ? "UNet" : "classifier"}`,
    );

  const structure = choose();
  const preset = presetFor(structure, told);
  const layers = [given, card, preset?.flags ?? {}, defaults];
  const size = sizeOf(structure, told) ?? sizeOf(structure, preset?.flags ?? {}) ?? sizeOf(structure, defaults);
  const heads = resolveHeads(actual, layers);
  const missing = [
    ...(size === undefined ? [`--${structure.architecture === "SuperResModel" ? "large_size" : "image_size"}`] : []),
    ...(heads === undefined ? [headFlags(actual, structure)] : []),
  ];
  if (size === undefined || heads === undefined)
    throw refuse(
      `its shapes do not tell everything: give ${missing.join(" and ")}, or put them in a card (.json) beside it`,
    );
  const problem = headsProblem(structure, heads);
  if (problem) throw refuse(problem);
  const halvings = structure.levels.length - 1;
  if (actual === "unet" && size % 2 ** halvings !== 0)
    throw refuse(`images of ${size} pixels cannot be halved ${halvings} times`);
  const flags = completeFlags(structure, size, heads, layers);
  return {
    role: actual,
    architecture: structure.architecture,
    structure,
    heads,
    facts: factsOf(structure, size, flags, card, refuse),
    ...(preset && { preset: preset.names }),
    flags,
  };

  /** The structure that the shapes and the flags agree on. */
  function choose(): Structure {
    const agreeing = fitting.filter((structure) => conflicts(structure, told).length === 0);
    if (agreeing.length === 1) return agreeing[0];
    if (agreeing.length > 1) {
      const usual = agreeing.filter((structure) => conflicts(structure, defaults).length === 0);
      if (usual.length === 1) return usual[0];
      const names = flagNames[actual];
      const ways = agreeing.map((structure) => {
        const flags = flagsFromStructure(structure, sizeOf(structure, told) ?? 1024);
        return `--${names.resBlocks} ${flags[names.resBlocks]} --${names.multipliers} ${flags[names.multipliers]}`;
      });
      throw refuse(`its shapes allow ${ways.length} structures: give ${ways.join(", or ")}`);
    }
    const base = fitting[0] ?? closest!.structure;
    const against = conflicts(base, told);
    const expected = withFlags(base, told);
    const details = describeDifferences(differences(state, shapesOf(expected)));
    throw against.length > 0
      ? refuse(`it does not fit ${against.join(", ")}`, ...details)
      : refuse(`its tensors do not make a ${base.architecture}`, ...details);
  }
}

/** Whether flags ask for a super-resolution network. */
const wantsSuperRes = ({ architecture, large_size, small_size }: ModelFlags): boolean | undefined =>
  architecture !== undefined
    ? architecture === "SuperResModel"
    : large_size !== undefined || small_size !== undefined || undefined;

/** Image size: from flags, or from an attention pool, which has one row for each of its positions. */
function sizeOf(
  { architecture, poolSize, levels }: Structure,
  { image_size, large_size }: ModelFlags,
): number | undefined {
  const typed = architecture === "SuperResModel" ? (large_size ?? image_size) : image_size;
  return typed ?? (poolSize === undefined ? undefined : poolSize * 2 ** (levels.length - 1));
}

const roleOf = ({ architecture }: Structure): Role => (architecture === "EncoderUNetModel" ? "classifier" : "unet");

/** The structure that the given flags make, with its own in the place of those not given. */
function withFlags(structure: Structure, flags: ModelFlags): Structure {
  const role = roleOf(structure);
  const { multipliers } = flagNames[role];
  const own = flagsFromStructure(structure, sizeOf(structure, flags) ?? 1024);
  const size = flags.large_size ?? flags.image_size ?? own.large_size ?? own.image_size;
  const typed = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)) as ModelFlags;
  // "" asks for the default of the image size, and says nothing where there is none.
  const silent = typed[multipliers] === "" && !defaultMultipliers(size);
  return structureFromFlags(role, { ...own, ...typed, ...(silent && { [multipliers]: own[multipliers] }) });
}

/** The flags that this structure contradicts, as text: `--num_channels 64 (its tensors say 32)`. */
function conflicts(structure: Structure, flags: ModelFlags): string[] {
  const size = sizeOf(structure, flags);
  const own = flagsFromStructure(structure, size ?? 1024);
  return Object.entries(flags).flatMap(([name, value]) => {
    if (!isFlagName(name) || value === undefined) return [];
    // Attention is told in image sizes: without one they say nothing.
    if (name.endsWith("attention_resolutions") && size === undefined) return [];
    // A classifier beside a UNet with a null label has one class less.
    if (name === "num_classes" && structure.pool && value === structure.outChannels + 1) return [];
    const sizes =
      size === undefined
        ? {}
        : structure.architecture === "SuperResModel"
          ? { large_size: size }
          : { image_size: size };
    if (structureKey(withFlags(structure, { ...sizes, [name]: value })) === structureKey(structure)) return [];
    const said = own[name];
    return [
      `${formatModelFlags({ [name]: value })} (its tensors say ${said === undefined ? structure.architecture : formatModelFlags({ [name]: said }).replace(/^--\w+ /, "")})`,
    ];
  });
}

/** A preset stands aside when an image size other than its own is given: it is then another network of the same shapes. */
function presetFor(structure: Structure, told: ModelFlags): Preset | undefined {
  const preset = findPreset(structure);
  const size = told.large_size ?? told.image_size;
  return preset && (size === undefined || size === sizeOf(structure, preset.flags)) ? preset : undefined;
}

function headFlags(role: Role, { pool }: Structure): string {
  const { heads, headChannels, newOrder } = flagNames[role];
  const width = `--${headChannels}`;
  return `${pool === "attention" ? width : `--${heads} or ${width}`} (and --${newOrder} True if it was trained with it)`;
}

/** The first of the layers that gives a flag. */
const first = <N extends keyof ModelFlags>(layers: readonly ModelFlags[], name: N): ModelFlags[N] | undefined =>
  layers.find((flags) => flags[name] !== undefined)?.[name];

function completeFlags(structure: Structure, size: number, heads: Heads, layers: readonly ModelFlags[]): ModelFlags {
  const role = roleOf(structure);
  const names = flagNames[role];
  const flags: Record<string, unknown> = {
    ...flagsFromStructure(structure, size),
    [names.heads]: heads.heads,
    [names.headChannels]: heads.headChannels,
    [names.newOrder]: heads.newOrder,
    [names.fp16]: first(layers, names.fp16) ?? false,
  };
  if (role === "unet") {
    flags.num_heads_upsample = heads.headsUpsample === heads.heads ? -1 : heads.headsUpsample;
    flags.predict_xstart = first(layers, "predict_xstart") ?? false;
    for (const name of ["small_size", "null_label"] as const) flags[name] = first(layers, name);
  }
  for (const name of ["noise_schedule", "diffusion_steps", "rescale_timesteps"] as const)
    flags[name] = first(layers, name);
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)) as ModelFlags;
}

function factsOf(
  { architecture, inChannels, outChannels, classes, pool }: Structure,
  size: number,
  flags: ModelFlags,
  { classes: classNames }: ModelFlags,
  refuse: (problem: string) => CheckpointError,
): AdmFacts {
  const { noise_schedule, diffusion_steps, rescale_timesteps, small_size, null_label } = flags;
  const channels = architecture === "SuperResModel" ? inChannels / 2 : inChannels;
  const count = pool ? outChannels : classes;
  if (classNames && classNames.length !== count)
    throw refuse(`its card names ${classNames.length} classes, its tensors have ${count ?? "none"}`);
  if (null_label !== undefined && (null_label < 0 || null_label >= (count ?? 0)))
    throw refuse(`the null label ${null_label} is none of its ${count ?? 0} classes`);
  const process = Object.fromEntries(
    Object.entries({ noise_schedule, diffusion_steps, rescale_timesteps }).filter(([, value]) => value !== undefined),
  );
  return {
    channels,
    size,
    ...(count !== undefined && { classes: count }),
    ...(classNames && { classNames }),
    ...(Object.keys(process).length > 0 && { process }),
    ...(!pool && {
      predicts: flags.predict_xstart ? "x0" : "eps",
      learnSigma: outChannels === 2 * channels,
      ...(null_label !== undefined && { nullLabel: null_label }),
      ...(architecture === "SuperResModel" && small_size !== undefined && { lowRes: small_size }),
    }),
  };
}
