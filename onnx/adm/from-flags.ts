/** Structures from flags: `create_model`, `sr_create_model` and `create_classifier` of guided_diffusion/script_util.py. */
import type { ModelFlags } from "./flags.ts";
import type { Role } from "./role.ts";
import { type AdmStructure, channelsOf } from "./structure.ts";

export const roleOf = ({ architecture }: AdmStructure): Role =>
  architecture === "EncoderUNetModel" ? "classifier" : "unet";

/** `channel_mult` when it is "": by image size. A super-resolution model of 512 pixels starts as one of 256. */
export function defaultMultipliers(imageSize: number | undefined, superRes = false): readonly number[] | undefined {
  const bySize: Readonly<Record<number, readonly number[]>> = {
    512: superRes ? [1, 1, 2, 2, 4, 4] : [0.5, 1, 1, 2, 2, 4, 4],
    256: [1, 1, 2, 2, 4, 4],
    128: [1, 1, 2, 3, 4],
    64: [1, 2, 3, 4],
  };
  return imageSize === undefined ? undefined : bySize[imageSize];
}

const numbers = (list: string): number[] => (list.trim() === "" ? [] : list.split(",").map(Number));

/** Whether a level has attention: `attention_resolutions` are image sizes, floored to downsampling factors. */
const hasAttention = (level: number, imageSize: number, resolutions: string): boolean =>
  numbers(resolutions).some((resolution) => Math.floor(imageSize / resolution) === 2 ** level);

/** The flags of one role under common names: a classifier's are called classifier_… beside a UNet's. */
export interface RoleFlags {
  readonly width?: number | undefined;
  readonly resBlocks?: number | undefined;
  readonly multipliers?: string | undefined;
  readonly attention?: string | undefined;
  readonly heads?: number | undefined;
  readonly headChannels?: number | undefined;
  readonly scaleShift?: boolean | undefined;
  readonly updown?: boolean | undefined;
  readonly convResample?: boolean | undefined;
  readonly newOrder?: boolean | undefined;
  readonly fp16?: boolean | undefined;
}

/** What each of them is called for a role. */
export const flagNames = {
  unet: {
    width: "num_channels",
    resBlocks: "num_res_blocks",
    multipliers: "channel_mult",
    attention: "attention_resolutions",
    heads: "num_heads",
    headChannels: "num_head_channels",
    scaleShift: "use_scale_shift_norm",
    updown: "resblock_updown",
    convResample: "conv_resample",
    newOrder: "use_new_attention_order",
    fp16: "use_fp16",
  },
  classifier: {
    width: "classifier_width",
    resBlocks: "classifier_depth",
    multipliers: "classifier_channel_mult",
    attention: "classifier_attention_resolutions",
    heads: "classifier_num_heads",
    headChannels: "classifier_num_head_channels",
    scaleShift: "classifier_use_scale_shift_norm",
    updown: "classifier_resblock_updown",
    convResample: "classifier_conv_resample",
    newOrder: "classifier_use_new_attention_order",
    fp16: "classifier_use_fp16",
  },
} as const satisfies Record<Role, Record<keyof RoleFlags, keyof ModelFlags>>;

export const roleFlags = (role: Role, flags: ModelFlags): RoleFlags =>
  Object.fromEntries(Object.entries(flagNames[role]).map(([common, name]) => [common, flags[name]]));

/** The flags that make this structure at this image size: the inverse of structureFromFlags. */
export function flagsFromStructure(structure: AdmStructure, imageSize: number): ModelFlags {
  const { architecture, width, levels, condition, outChannels, classes, pool } = structure;
  const role: Role = architecture === "EncoderUNetModel" ? "classifier" : "unet";
  const superRes = architecture === "SuperResModel";
  const channels = channelsOf(structure);
  const common: Required<Omit<RoleFlags, "heads" | "headChannels" | "newOrder" | "fp16" | "convResample">> = {
    width,
    resBlocks: structure.resBlocks,
    multipliers: levels.map((level) => multiplier(level.channels, width)).join(","),
    attention: levels.flatMap((level, i) => (level.attention ? [imageSize / 2 ** i] : [])).join(","),
    scaleShift: structure.scaleShift,
    updown: structure.resample === "resblock",
  };
  const named = Object.fromEntries(
    Object.entries(common).map(([key, value]) => [flagNames[role][key as keyof RoleFlags], value]),
  );
  if (structure.resample === "plain" && levels.length > 1) named[flagNames[role].convResample] = false;
  return {
    architecture,
    ...(superRes ? { large_size: imageSize } : { image_size: imageSize }),
    ...(channels !== 3 && { in_channels: channels }),
    ...(condition !== undefined && { condition_channels: condition }),
    ...named,
    ...(role === "classifier"
      ? { num_classes: outChannels, ...(pool && { classifier_pool: pool }) }
      : {
          ...(outChannels === channels || outChannels === 2 * channels
            ? { learn_sigma: outChannels === 2 * channels }
            : { out_channels: outChannels }),
          class_cond: classes !== undefined,
          ...(classes !== undefined && { num_classes: classes }),
        }),
  };
}

/** The reference floors multiplier · width; a quotient may fall just below. */
const multiplier = (channels: number, width: number): number =>
  Math.floor((channels / width) * width) === channels ? channels / width : (channels + 1e-6) / width;

/**
 * The structure that the reference makes of complete flags; what is left out has the scripts' defaults. Throws a
 * RangeError where the reference does: no channel_mult for an image size without a default.
 */
export function structureFromFlags(role: Role, flags: ModelFlags): AdmStructure {
  const {
    width = 128,
    resBlocks = 2,
    multipliers = "",
    attention = role === "classifier" ? "32,16,8" : "16,8",
    scaleShift = true,
    updown = role === "classifier",
    convResample = true,
  } = roleFlags(role, flags);
  const superRes = role === "unet" && (flags.large_size !== undefined || flags.architecture === "SuperResModel");
  const imageSize = flags.large_size ?? flags.image_size ?? 64;
  const list = multipliers === "" ? defaultMultipliers(imageSize, superRes) : numbers(multipliers);
  if (!list)
    throw new RangeError(
      `There is no default --${flagNames[role].multipliers} for images of ${imageSize} pixels: give it`,
    );
  const channels = flags.in_channels ?? 3;
  const levels = list.map((mult, level) => ({
    channels: Math.floor(mult * width),
    attention: hasAttention(level, imageSize, attention),
  }));
  const resample = levels.length === 1 ? "plain" : updown ? "resblock" : convResample ? "conv" : "plain";
  const common = { width, levels, resBlocks, scaleShift, resample } as const;
  if (role === "classifier") {
    const pool = flags.classifier_pool ?? "attention";
    return {
      ...common,
      architecture: "EncoderUNetModel",
      inChannels: channels,
      outChannels: flags.out_channels ?? flags.num_classes ?? 1000,
      pool,
      ...(pool === "attention" && { poolSize: Math.floor(imageSize / 2 ** (levels.length - 1)) }),
    };
  }
  const condition = superRes ? 0 : (flags.condition_channels ?? 0);
  return {
    ...common,
    architecture: superRes ? "SuperResModel" : "UNetModel",
    inChannels: superRes ? 2 * channels : channels + condition,
    ...(condition > 0 && { condition }),
    outChannels: flags.out_channels ?? (flags.learn_sigma ? 2 * channels : channels),
    ...(flags.class_cond && { classes: flags.num_classes ?? 1000 }),
  };
}
