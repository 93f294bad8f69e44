/** What is known of a network before it runs, put together from its shapes and its flags. */
import type { ModelFlags } from "./flags.ts";
import { flagNames, flagsFromStructure, roleOf } from "./from-flags.ts";
import type { Heads } from "./heads.ts";
import { type AdmStructure, channelsOf } from "./structure.ts";

/** What a graph must know of a network before it runs. */
export interface AdmFacts {
  /** Channels of a picture: of x, without low_res or condition. */
  readonly channels: number;
  /** Of x as it was trained. */
  readonly height: number;
  readonly width: number;
  /** The network takes any x whose sides are multiples of this; without it, x of its own sides alone. */
  readonly multiple?: number;
  readonly classes?: number;
  readonly classNames?: readonly string[];
  readonly nullLabel?: number;
  readonly predicts?: "eps" | "x0";
  readonly learnSigma?: boolean;
  /** Height and width of a super-resolution network's low_res, where x is as it was trained: else in proportion. */
  readonly lowRes?: number;
  /** Channels of the condition that it takes beside x. */
  readonly condition?: number;
  readonly process?: Pick<ModelFlags, "noise_schedule" | "diffusion_steps" | "rescale_timesteps">;
}

/** The first of the layers that gives a flag. */
export const first = <N extends keyof ModelFlags>(layers: readonly ModelFlags[], name: N): ModelFlags[N] | undefined =>
  layers.find((flags) => flags[name] !== undefined)?.[name];

/** Flags with which alone the same network is recognised. `layers`: typed, card, preset, defaults. */
export function completeFlags(
  structure: AdmStructure,
  size: number,
  heads: Heads,
  layers: readonly ModelFlags[],
): ModelFlags {
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
    if (structure.condition !== undefined) flags.condition_first = first(layers, "condition_first") ?? false;
  }
  const weights = role === "classifier" ? "classifier_weights" : "weights";
  for (const name of ["noise_schedule", "diffusion_steps", "rescale_timesteps", weights] as const)
    flags[name] = first(layers, name);
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)) as ModelFlags;
}

/** Throws what `refuse` makes when class names or null label do not fit the classes. */
export function factsOf(
  structure: AdmStructure,
  size: number,
  flags: ModelFlags,
  { classes: classNames }: ModelFlags,
  refuse: (problem: string) => Error,
): AdmFacts {
  const { architecture, outChannels, classes, pool, condition } = structure;
  const { noise_schedule, diffusion_steps, rescale_timesteps, small_size, null_label } = flags;
  const channels = channelsOf(structure);
  const count = pool ? outChannels : classes;
  if (classNames && classNames.length !== count)
    throw refuse(`its card names ${classNames.length} classes, its tensors have ${count ?? "none"}`);
  if (null_label !== undefined && (null_label < 0 || null_label >= (count ?? 0)))
    throw refuse(`the null label ${null_label} is none of its ${count ?? 0} classes`);
  const process = Object.fromEntries(
    Object.entries({ noise_schedule, diffusion_steps, rescale_timesteps }).filter(([, value]) => value !== undefined),
  );
  const lowRes = architecture === "SuperResModel" ? small_size : undefined;
  return {
    channels,
    height: size,
    width: size,
    // An attention pool has a row of weights for each of its positions.
    ...(pool !== "attention" && { multiple: sideOf(structure, lowRes === undefined ? 1 : size / lowRes) }),
    ...(count !== undefined && { classes: count }),
    ...(classNames && { classNames }),
    ...(Object.keys(process).length > 0 && { process }),
    ...(!pool && {
      predicts: flags.predict_xstart ? "x0" : "eps",
      learnSigma: outChannels === 2 * channels,
      ...(null_label !== undefined && { nullLabel: null_label }),
      ...(condition !== undefined && { condition }),
      ...(lowRes !== undefined && { lowRes }),
    }),
  };
}

/** What a side must be a multiple of: each level after the first halves it, and low_res has whole pixels. */
function sideOf({ levels }: AdmStructure, scale: number): number {
  const halved = 2 ** (levels.length - 1);
  let side = halved;
  while (side % scale !== 0 && side < mostMultiple) side += halved;
  return side;
}

/** Where low_res has no simple ratio to x. */
const mostMultiple = 4096;
