/**
 * From tensor shapes and flags to a network. Shapes tell almost everything; flags, a card or a preset tell the rest, and
 * what nothing tells is asked for. No weights are read.
 */
import { CheckpointError, type StateDict } from "../checkpoint/index.ts";
import { firstOf } from "../first-of.ts";
import type { DataType } from "../ir.ts";
import { escaped } from "../source.ts";
import { cardName } from "./card.ts";
import { conflicts, sizeInstead, sizeOf, withFlags } from "./conflicts.ts";
import { describeDifferences, differences } from "./differences.ts";
import { type AdmFacts, completeFlags, factsOf, first } from "./facts.ts";
import type { ModelFlags } from "./flags.ts";
import { formatModelFlags } from "./flags.ts";
import { flagNames, flagsFromStructure } from "./from-flags.ts";
import { type Heads, headsProblem, resolveHeads } from "./heads.ts";
import { inferStructures, isClassifier } from "./infer.ts";
import { noNetwork, otherNetwork } from "./other-networks.ts";
import { findPreset, type Preset, similarPreset } from "./presets.ts";
import type { Role } from "./role.ts";
import { shapesOf } from "./shapes.ts";
import { type AdmStructure, channelsOf } from "./structure.ts";

export interface AdmNetwork {
  readonly role: Role;
  readonly architecture: AdmStructure["architecture"];
  readonly structure: AdmStructure;
  readonly heads: Heads;
  readonly facts: AdmFacts;
  /** Names of the released checkpoints it may be; several have the same shapes and the same flags. */
  readonly preset?: readonly string[];
  /** What was taken for granted, a sentence each: neither shapes, flags, card nor a preset told it. */
  readonly notes: readonly string[];
  /** Complete: with them alone the same network is recognised. */
  readonly flags: ModelFlags;
}

export interface RecogniseOptions {
  /** Flags from the card beside the file, if there is one. They must fit, as typed ones do; typed ones go before. */
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
  { card: read, defaults = {}, name = "checkpoint" }: RecogniseOptions = {},
): AdmNetwork {
  const refuse = (problem: string, ...details: readonly string[]) =>
    new CheckpointError([`Cannot use checkpoint ${escaped(name)}: ${problem}`, ...details].join("\n  "));
  const actual: Role = isClassifier(state) ? "classifier" : "unet";
  const card = ownNames(actual, read ?? {});
  const told: ModelFlags = { ...card, ...given };
  const { fitting, closest } = inferStructures(state, wantsSuperRes({ ...defaults, ...told }));
  const other = fitting.length > 0 ? undefined : otherNetwork(state, name);
  if (other) throw refuse(other);
  if (!closest) throw refuse(noNetwork(state), ...describeNames(state));
  if (role !== undefined && role !== actual)
    throw refuse(
      `it is ${actual === "unet" ? `a ${closest.structure.architecture}` : "a classifier (EncoderUNetModel)"}, not a ${role === "unet" ? "UNet" : "classifier"}`,
    );

  const structure = choose();
  const [whole] = [...state].filter(([, { type }]) => !floats.includes(type));
  if (whole)
    throw refuse(
      `its ${whole[0]} is ${whole[1].type}: quantised weights are not read, save them as float32, float16 or bfloat16`,
    );
  const preset = presetFor(structure, told, name);
  const layers = [given, card, preset?.flags ?? {}, defaults];
  const size = sizeOf(structure, told) ?? sizeOf(structure, preset?.flags ?? {}) ?? sizeOf(structure, defaults);
  const heads = resolveHeads(actual, layers);
  const superRes = structure.architecture === "SuperResModel";
  const missing = [
    ...(size === undefined ? [superRes ? "--large_size" : "--image_size"] : []),
    ...(superRes && first(layers, "small_size") === undefined ? ["--small_size"] : []),
    ...(heads === undefined ? [headFlags(actual, structure)] : []),
  ];
  if (size === undefined || heads === undefined || missing.length > 0)
    throw refuse(
      `its shapes do not tell everything: give ${missing.join(" and ")}, or put them in ${read === undefined ? "a card (.json) beside it" : `its card ${escaped(cardName(name))}`}`,
    );
  const problem = headsProblem(structure, heads);
  if (problem) {
    // Nobody chose what the scripts fall back upon.
    const isChosen = resolveHeads(actual, [given, card, preset?.flags ?? {}]) !== undefined;
    const advice = isChosen ? "" : `, and is only what the scripts assume: give ${headFlags(actual, structure)}`;
    throw refuse(`${problem}${advice}`);
  }
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
    notes: notesOn(
      structure,
      first(layers, "condition_first"),
      preset ? undefined : similarTo(structure, { ...defaults, ...told }),
    ),
    flags,
  };

  /** The structure that the shapes and the flags agree on. */
  function choose(): AdmStructure {
    const released = fitting.map((structure) => enlarging(structure, told, name));
    const agreeing = released.filter((structure) => conflicts(structure, told).length === 0);
    if (agreeing.length === 1) return agreeing[0];
    if (agreeing.length > 1 && agreeing.some(({ condition }) => condition !== agreeing[0].condition))
      throw refuse(
        `its ${agreeing[0].inChannels} channels in and ${agreeing[0].outChannels} out do not tell what x is: give ${agreeing.map(reading).join(", or ")}`,
      );
    if (agreeing.length > 1) {
      const names = flagNames[actual];
      const { [names.resBlocks]: blocks, [names.multipliers]: multipliers } = defaults;
      const sizes = { image_size: defaults.image_size, large_size: defaults.large_size, ...told };
      const shape = { ...sizes, [names.resBlocks]: blocks, [names.multipliers]: multipliers };
      const usual = agreeing.filter((structure) => conflicts(structure, shape as ModelFlags).length === 0);
      if (usual.length === 1) return usual[0];
      const ways = agreeing.map((structure) => {
        const flags = flagsFromStructure(structure, sizeOf(structure, told) ?? 1024);
        return `--${names.resBlocks} ${flags[names.resBlocks]} --${names.multipliers} ${flags[names.multipliers]}`;
      });
      throw refuse(`its shapes allow ${ways.length} structures: give ${ways.join(", or ")}`);
    }
    const base = released[0] ?? closest!.structure;
    const against = conflicts(base, told, (flag) =>
      Object.hasOwn(given, flag) ? undefined : `its card ${escaped(cardName(name))}`,
    );
    const instead = sizeInstead(base, told);
    if (instead !== undefined) throw refuse(`give ${instead}, for it does not fit ${against.join(", ")}`);
    const expected = withFlags(base, told);
    const details = describeDifferences(differences(state, shapesOf(expected)));
    throw against.length > 0
      ? refuse(`it does not fit ${against.join(", ")}`, ...details)
      : refuse(`its tensors do not make a ${base.architecture}`, ...details);
  }
}

/** What weights are stored as. */
const floats: readonly DataType[] = ["float32", "float16", "bfloat16", "float64"];

/** Whether flags ask for a super-resolution network. */
export const wantsSuperRes = ({ architecture, large_size, small_size }: ModelFlags): boolean | undefined =>
  architecture !== undefined
    ? architecture === "SuperResModel"
    : large_size !== undefined || small_size !== undefined || undefined;

/** A card belongs to one file, so a classifier's may call the order of attention by its plain name. */
const ownNames = (role: Role, card: ModelFlags): ModelFlags =>
  role === "classifier" && card.use_new_attention_order !== undefined
    ? { classifier_use_new_attention_order: card.use_new_attention_order, ...card }
    : card;

/** A preset stands aside when an image size other than its own is given: it is then another network of the same shapes. */
function presetFor(structure: AdmStructure, told: ModelFlags, name: string): Preset | undefined {
  const preset = findPreset(structure, name);
  const size = told.large_size ?? told.image_size;
  return preset && (size === undefined || size === sizeOf(structure, preset.flags)) ? preset : undefined;
}

/**
 * The released upsamplers are known by their shapes. Of other networks nothing tells that their channels are a picture
 * beside a small one, so flags must.
 */
function enlarging(structure: AdmStructure, { architecture }: ModelFlags, name: string): AdmStructure {
  const { condition: _, ...rest } = structure;
  const asUpsampler: AdmStructure = { ...rest, architecture: "SuperResModel" };
  return structure.architecture === "UNetModel" && architecture === undefined && findPreset(asUpsampler, name)
    ? asUpsampler
    : structure;
}

/** How a condition and x share the channels, as it would be typed. */
function reading(structure: AdmStructure): string {
  const channels = channelsOf(structure);
  const sigma = structure.outChannels === 2 * channels ? "True" : "False";
  return `--learn_sigma ${sigma} (x of ${channels}, condition of ${structure.condition ?? 0})`;
}

/** The flags of a released checkpoint that has these shapes and another name, where none were given. */
function similarTo(structure: AdmStructure, { diffusion_steps: steps }: ModelFlags): string | undefined {
  const preset = steps === undefined ? similarPreset(structure) : undefined;
  if (!preset) return undefined;
  const { diffusion_steps, noise_schedule, rescale_timesteps } = preset.flags as Required<ModelFlags>;
  return `it has the shapes of improved-diffusion's ${preset.names[0]}: if it is that one, give ${formatModelFlags({ diffusion_steps, noise_schedule, rescale_timesteps })}`;
}

function notesOn({ condition }: AdmStructure, first: boolean | undefined, similar: string | undefined): string[] {
  const notes = similar === undefined ? [] : [similar];
  if (condition !== undefined && first === undefined)
    notes.push(
      "nothing tells whether x or the condition comes first: x does here, as in SuperResModel; segmentation nets mostly want --condition_first True",
    );
  return notes;
}

/** What is in the file instead of a network. */
function describeNames(state: StateDict): string[] {
  const names = [...state.keys()];
  const shown = (name: string) => (/^[\w.-]{1,120}$/.test(name) ? name : escaped(name));
  return names.length === 0 ? [] : [`it has ${firstOf(names, 4, shown)}`];
}

function headFlags(role: Role, { pool }: AdmStructure): string {
  const { heads, headChannels, newOrder } = flagNames[role];
  const width = `--${headChannels}`;
  return `${pool === "attention" ? width : `--${heads} or ${width}`} (and --${newOrder} True if it was trained with it)`;
}
