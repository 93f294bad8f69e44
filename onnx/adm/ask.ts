/**
 * What a person is asked of a checkpoint: what its shapes tell, and under the reference's names what they do not. A form is a
 * function of the tensors and of the flags that are known by now, so each answer may change what else is asked.
 */
import type { StateDict } from "../checkpoint/index.ts";
import { conflicts, sizeOf } from "./conflicts.ts";
import { defaultsOf } from "./defaults.ts";
import { type FlagName, flagKinds, formatModelFlags, type ModelFlags } from "./flags.ts";
import { defaultMultipliers, flagNames, flagsFromStructure } from "./from-flags.ts";
import { inferStructures, isClassifier } from "./infer.ts";
import { ofShapes } from "./presets.ts";
import { type AdmNetwork, recognise, wantsSuperRes } from "./recognise.ts";
import type { Role } from "./role.ts";
import { type AdmStructure, channelsOf } from "./structure.ts";

export interface AskedFlag {
  readonly flag: FlagName;
  /** As one types it; "" where nothing tells it. */
  readonly value: string;
  /** Who says so: whoever gave the flags, a released checkpoint of these shapes, the scripts' defaults, or nobody. */
  readonly from: "given" | "preset" | "default" | "nobody";
  /** Without it, or another that says the same, there is no network. */
  readonly needed?: true;
  /** What it may be, where that is a list. */
  readonly choices?: readonly string[];
}

export interface AskedNetwork {
  readonly role: Role;
  /** What its shapes tell, in words: name and value. */
  readonly tells: readonly (readonly [name: string, value: string])[];
  readonly asks: readonly AskedFlag[];
  /** Released checkpoints of these shapes, with all that their READMEs say. */
  readonly presets: readonly { readonly names: readonly string[]; readonly flags: string }[];
  /** The network, once the flags are enough. */
  readonly network?: AdmNetwork;
  /** Else what is still missing, or does not go together. */
  readonly problem?: string;
}

/** Either of them tells heads. */
const heads: readonly FlagName[] = (["unet", "classifier"] as const).flatMap((role) => [
  flagNames[role].heads,
  flagNames[role].headChannels,
]);

/** What a form offers: a number of heads that is assumed gives another picture, without a word. */
const offered: Readonly<Record<Role, ModelFlags>> = {
  unet: defaultsOf(
    "use_new_attention_order",
    "diffusion_steps",
    "noise_schedule",
    "rescale_timesteps",
    "predict_xstart",
  ),
  classifier: defaultsOf("classifier_num_head_channels", "classifier_use_new_attention_order"),
};

/** Throws a CheckpointError, as `recognise`, where no flags make a network of these tensors, or the given ones contradict them. */
export function askedOf(state: StateDict, given: ModelFlags, name = "checkpoint"): AskedNetwork {
  const role: Role = isClassifier(state) ? "classifier" : "unet";
  const { fitting } = inferStructures(state, wantsSuperRes(given));
  const agreeing = fitting.filter((structure) => conflicts(structure, given).length === 0);
  const tried = tryRecognise(state, given, name);
  if (tried instanceof Error && agreeing.length === 0) throw tried;
  const network = tried instanceof Error ? undefined : tried;
  const structure = network?.structure ?? agreeing[0];
  const size = sizeOf(structure, network?.flags ?? given);
  const defaults = { ...offered[role], ...(role === "unet" && usualSize(structure)) };
  const released = [...new Set([structure, asUpsampler(structure)].flatMap(ofShapes))];
  const layers = [
    ["given", oneOfHeads(given)],
    ["preset", network?.preset ? oneOfHeads(network.flags) : {}],
    ["default", defaults],
  ] as const;
  const told = (flag: FlagName) => layers.find(([, flags]) => flags[flag] !== undefined);
  const isNeeded = (flag: FlagName): boolean =>
    told(flag) === undefined &&
    flag !== "null_label" &&
    flag !== "condition_first" &&
    !(heads.includes(flag) && heads.some((other) => told(other)));
  const ask = (flag: FlagName, choices = choicesOf(flag)): AskedFlag => {
    const [from, flags] = told(flag) ?? (["nobody", {}] as const);
    const value = asTyped((flags as ModelFlags)[flag]);
    return { flag, value, from, ...(isNeeded(flag) && { needed: true }), ...(choices && { choices }) };
  };
  return {
    role,
    tells: toldBy(structure, size),
    asks: [
      ...ambiguous(agreeing).map(([flag, choices]) => ask(flag, choices)),
      ...missingOf(structure).map((flag) => ask(flag)),
    ],
    presets: released.map(({ names, flags }) => ({ names, flags: formatModelFlags(flags) })),
    ...(network ? { network } : { problem: (tried as Error).message }),
  };
}

/** An upsampler has the shapes of a network whose x and condition, or x alone, have as many channels. */
function asUpsampler({ condition: _, architecture, ...rest }: AdmStructure): AdmStructure {
  return { ...rest, architecture: architecture === "UNetModel" ? "SuperResModel" : architecture };
}

/** Heads are given by their number or by their width; complete flags have both, and −1 for a width that is not used. */
function oneOfHeads({ num_heads, num_head_channels, ...rest }: ModelFlags): ModelFlags {
  const hasWidth = num_head_channels !== undefined && num_head_channels !== -1;
  return { ...rest, ...(hasWidth ? { num_head_channels } : num_heads !== undefined && { num_heads }) };
}

function tryRecognise(state: StateDict, given: ModelFlags, name: string): AdmNetwork | Error {
  try {
    return recognise(state, undefined, given, { name });
  } catch (error) {
    return error as Error;
  }
}

/** What no shape tells of a network of this structure. */
function missingOf(structure: AdmStructure): FlagName[] {
  const { architecture, condition, classes, pool } = structure;
  if (pool !== undefined) {
    const { heads: number, headChannels, newOrder } = flagNames.classifier;
    return [
      ...(structure.poolSize === undefined ? (["image_size"] as const) : []),
      headChannels,
      ...(pool === "attention" ? [] : [number]),
      newOrder,
    ];
  }
  return [
    ...(architecture === "SuperResModel" ? (["large_size", "small_size"] as const) : (["image_size"] as const)),
    ...(["num_heads", "num_head_channels", "use_new_attention_order"] as const),
    ...(condition === undefined ? [] : (["condition_first"] as const)),
    ...(classes === undefined ? [] : (["null_label"] as const)),
    ...(["diffusion_steps", "noise_schedule", "rescale_timesteps", "predict_xstart"] as const),
  ];
}

/** Where shapes allow several structures: the flags that tell them apart, and what each may be. */
function ambiguous(agreeing: readonly AdmStructure[]): [FlagName, readonly string[]][] {
  if (agreeing.length < 2) return [];
  const { resBlocks, multipliers } = flagNames[agreeing[0].pool === undefined ? "unet" : "classifier"];
  const ways = agreeing.map((structure) => flagsFromStructure(structure, 1024));
  return ([resBlocks, multipliers, "learn_sigma"] as const).flatMap((flag): [FlagName, readonly string[]][] => {
    const values = [...new Set(ways.map((flags) => asTyped(flags[flag])))].filter((value) => value !== "");
    return values.length > 1 ? [[flag, values]] : [];
  });
}

/** The size for which these multipliers are the scripts' own. */
function usualSize({ architecture, levels, width }: AdmStructure): ModelFlags {
  const multipliers = levels.map(({ channels }) => channels / width).join();
  const size = [64, 128, 256, 512].find((one) => defaultMultipliers(one)?.join() === multipliers);
  return size === undefined ? {} : { [architecture === "SuperResModel" ? "large_size" : "image_size"]: size };
}

function toldBy(structure: AdmStructure, size: number | undefined): [string, string][] {
  const { architecture, width, levels, resBlocks, outChannels, classes, condition, pool, poolSize } = structure;
  const channels = channelsOf(structure);
  const places = levels.flatMap(({ attention }, i) =>
    attention ? [size === undefined ? `1/${2 ** i}` : `${size / 2 ** i}`] : [],
  );
  const count = pool === undefined ? classes : outChannels;
  return [
    ["network", architecture],
    [
      "channels",
      `${channels}${condition === undefined ? "" : ` and a condition of ${condition}`}${pool === undefined && outChannels === 2 * channels ? ", learns σ" : ""}`,
    ],
    [
      "blocks",
      `${resBlocks} at each of ${levels.map(({ channels }) => channels).join(", ")} channels (width ${width})`,
    ],
    [
      "attention",
      places.length === 0
        ? "in the middle only"
        : `at ${places.join(", ")}${size === undefined ? " of the size" : " pixels"}, and in the middle`,
    ],
    ["classes", count === undefined ? "none" : `${count}`],
    ...(poolSize === undefined ? [] : [["size", `${size}`] as [string, string]]),
  ];
}

function choicesOf(flag: FlagName): readonly string[] | undefined {
  const kind = flagKinds[flag];
  if (kind === "boolean") return ["False", "True"];
  return typeof kind === "object" && !("most" in kind) ? (kind as readonly string[]) : undefined;
}

const asTyped = (value: unknown): string =>
  value === undefined ? "" : typeof value === "boolean" ? (value ? "True" : "False") : String(value);
