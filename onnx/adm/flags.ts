/**
 * The reference's flags (guided_diffusion/script_util.py), under its own names, as a command line, a node or a card gives
 * them. Everything is optional: what shapes tell is not asked for.
 */

import { didYouMean, near } from "../../spelling/index.ts";

export interface ModelFlags {
  readonly architecture?: "UNetModel" | "EncoderUNetModel" | "SuperResModel";
  /** Height and width of x. Super-resolution models call it `large_size`. */
  readonly image_size?: number;
  readonly large_size?: number;
  /** Height and width of a super-resolution model's condition. */
  readonly small_size?: number;
  readonly in_channels?: number;
  /** Channels of a condition that lies beside x at its size, as in segmentation: an image beside the mask. */
  readonly condition_channels?: number;
  /** The condition comes before x in the network's input. */
  readonly condition_first?: boolean;
  readonly out_channels?: number;
  readonly num_channels?: number;
  readonly num_res_blocks?: number;
  /** Multipliers by level, "1,2,3,4"; "" is the default for the image size. */
  readonly channel_mult?: string;
  /** Image sizes at which there is attention, "32,16,8". */
  readonly attention_resolutions?: string;
  readonly num_heads?: number;
  /** Heads in the decoder; −1: as num_heads. */
  readonly num_heads_upsample?: number;
  /** Channels of a head, instead of a number of heads; −1: not given. */
  readonly num_head_channels?: number;
  readonly class_cond?: boolean;
  readonly num_classes?: number;
  readonly learn_sigma?: boolean;
  readonly use_scale_shift_norm?: boolean;
  readonly resblock_updown?: boolean;
  readonly conv_resample?: boolean;
  readonly use_new_attention_order?: boolean;
  readonly use_fp16?: boolean;
  readonly classifier_width?: number;
  readonly classifier_depth?: number;
  readonly classifier_channel_mult?: string;
  readonly classifier_attention_resolutions?: string;
  readonly classifier_num_heads?: number;
  readonly classifier_num_head_channels?: number;
  readonly classifier_use_scale_shift_norm?: boolean;
  readonly classifier_resblock_updown?: boolean;
  readonly classifier_conv_resample?: boolean;
  readonly classifier_use_new_attention_order?: boolean;
  readonly classifier_pool?: Pool;
  readonly classifier_use_fp16?: boolean;
  readonly predict_xstart?: boolean;
  readonly noise_schedule?: "linear" | "cosine";
  readonly diffusion_steps?: number;
  readonly rescale_timesteps?: boolean;
  /** Of several sets of weights in the file: "ema", "raw", or where they are. */
  readonly weights?: string;
  readonly classifier_weights?: string;
  /** Of training only; accepted, without effect. */
  readonly dropout?: number;
  readonly use_checkpoint?: boolean;
  readonly use_kl?: boolean;
  readonly rescale_learned_sigmas?: boolean;
  /** The label that stands for "no label", where the network was trained with one. */
  readonly null_label?: number;
  /** Names of the classes, null label included; only in cards. */
  readonly classes?: readonly string[];
}

const pools = ["adaptive", "attention", "spatial", "spatial_v2"] as const;
export type Pool = (typeof pools)[number];

export type FlagName = Exclude<keyof ModelFlags, "classes">;
/** Numbers from `least` to `most`; `list`: as many as that at most, "a,b,c". */
export interface FlagRange {
  readonly least: number;
  readonly most: number;
  readonly whole: boolean;
  readonly list?: number;
}
export type FlagKind = FlagRange | "boolean" | "text" | readonly string[];

const whole = (least: number, most: number): FlagRange => ({ least, most, whole: true });
const list = (most: number): FlagRange => ({ least: 0, most, whole: false, list: mostLevels });

// Far beyond every network there is, and near enough that a structure of such flags is laid out in a moment.
const pixels = whole(1, 16_384);
const channels = whole(1, 65_536);
/** Residual blocks of a level, and levels: a state dict that seems to have more is none of these networks'. */
export const mostBlocks = 64;
export const mostLevels = 16;
const blocks = whole(1, mostBlocks);
/** −1: not given. */
const heads = whole(-1, 4096);
const classes = whole(1, 1_000_000);
/** As many as a schedule has rows for (`maxSteps` of diffusion/). */
const steps = whole(1, 100_000);

/** What each flag's value is: numbers in a range, true or false, or one of a list. */
export const flagKinds: Readonly<Record<FlagName, FlagKind>> = {
  architecture: ["UNetModel", "EncoderUNetModel", "SuperResModel"],
  image_size: pixels,
  large_size: pixels,
  small_size: pixels,
  in_channels: channels,
  condition_channels: whole(0, 65_536),
  condition_first: "boolean",
  out_channels: classes,
  num_channels: channels,
  num_res_blocks: blocks,
  channel_mult: list(1024),
  attention_resolutions: list(16_384),
  num_heads: heads,
  num_heads_upsample: heads,
  num_head_channels: heads,
  class_cond: "boolean",
  num_classes: classes,
  learn_sigma: "boolean",
  use_scale_shift_norm: "boolean",
  resblock_updown: "boolean",
  conv_resample: "boolean",
  use_new_attention_order: "boolean",
  use_fp16: "boolean",
  classifier_width: channels,
  classifier_depth: blocks,
  classifier_channel_mult: list(1024),
  classifier_attention_resolutions: list(16_384),
  classifier_num_heads: heads,
  classifier_num_head_channels: heads,
  classifier_use_scale_shift_norm: "boolean",
  classifier_resblock_updown: "boolean",
  classifier_conv_resample: "boolean",
  classifier_use_new_attention_order: "boolean",
  classifier_pool: pools,
  classifier_use_fp16: "boolean",
  predict_xstart: "boolean",
  noise_schedule: ["linear", "cosine"],
  diffusion_steps: steps,
  rescale_timesteps: "boolean",
  weights: "text",
  classifier_weights: "text",
  dropout: { least: 0, most: 1, whole: false },
  use_checkpoint: "boolean",
  use_kl: "boolean",
  rescale_learned_sigmas: "boolean",
  null_label: whole(-1, 1_000_000),
};

export const isFlagName = (name: string): name is FlagName => Object.hasOwn(flagKinds, name);

/** One flag's value from its text, as argparse reads it. Throws a SyntaxError that names flag and value. */
export function parseFlag(name: FlagName, text: string): number | boolean | string {
  const kind = flagKinds[name];
  const refuse = (wanted: string) => new SyntaxError(`--${name} must be ${wanted}, not "${text.slice(0, 60)}"`);
  if (kind === "boolean") {
    if (/^(yes|true|t|y|1)$/i.test(text)) return true;
    if (/^(no|false|f|n|0)$/i.test(text)) return false;
    throw refuse("true or false");
  }
  if (kind === "text") {
    if (text.length > maxText || /["'\p{Cc}]/u.test(text)) throw refuse(`at most ${maxText} letters, without quotes`);
    return text;
  }
  if ("includes" in kind) {
    if (!kind.includes(text)) throw refuse(`one of ${kind.join(", ")}`);
    return text;
  }
  const { least, most, list } = kind;
  const numbers = list === undefined ? [text] : text.trim() === "" ? [] : text.split(",", list + 2);
  const wanted = `${kind.whole ? "a whole number" : "a number"} from ${least} to ${most}`;
  if (list !== undefined && numbers.length > list) throw refuse(`at most ${list} numbers`);
  if (!numbers.every((one) => fits(one, kind)))
    throw refuse(list === undefined ? wanted : `numbers from ${least} to ${most}, as in "1,2,4"`);
  return list === undefined ? Number(text) : text;
}

/** A place in a checkpoint: keys that lead to it. */
const maxText = 200;

/** As Python writes numbers; JavaScript would read more, such as "0x10". */
const decimal = /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i;

const fits = (text: string, { least, most, whole }: FlagRange): boolean => {
  const value = decimal.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most && (!whole || Number.isInteger(value));
};

/** All flags that there are, each at its longest, take a third of it. */
const maxFlagsLength = 10_000;

/**
 * Flags as they are typed: `--num_channels 64 --num_heads=4 --channel_mult ""`. A value may be empty or begin with "-";
 * the last of repeated flags wins. Throws a SyntaxError that names an unknown flag, a missing or a bad value.
 */
export function parseModelFlags(text: string): ModelFlags {
  if (text.length > maxFlagsLength)
    throw new SyntaxError(
      `Cannot read the model flags: they have ${text.length} characters, at most ${maxFlagsLength}`,
    );
  const words = splitWords(text);
  const flags: Record<string, unknown> = {};
  for (let i = 0; i < words.length; i++) {
    const [, name, inline] = /^--([a-z0-9_]+)(?:=(.*))?$/s.exec(words[i]) ?? [];
    if (name === undefined)
      throw new SyntaxError(`Cannot read the model flags: "${words[i]}" is not a flag; flags begin with --`);
    if (!isFlagName(name))
      throw new SyntaxError(
        `Cannot read the model flags: --${name} is not one of them${didYouMean(near(name, Object.keys(flagKinds)).map((one) => `--${one}`))}`,
      );
    if (inline === undefined && i + 1 === words.length)
      throw new SyntaxError(`Cannot read the model flags: --${name} has no value`);
    flags[name] = parseFlag(name, inline ?? words[++i]);
  }
  return flags as ModelFlags;
}

/** The same flags as text that parseModelFlags reads. */
export const formatModelFlags = (flags: ModelFlags): string =>
  Object.entries(flags)
    .filter(([name, value]) => isFlagName(name) && value !== undefined)
    .map(
      ([name, value]) => `--${name} ${typeof value === "boolean" ? (value ? "True" : "False") : quoted(String(value))}`,
    )
    .join(" ");

/** What a shell would take apart is quoted. */
const quoted = (value: string): string => (/^[\w.,:/+-]+$/.test(value) ? value : `"${value}"`);

/** Words as a shell splits them; quotes keep spaces and make empty words. */
function splitWords(text: string): string[] {
  const words = text.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
  const rest = text.replace(/(?:[^\s"']|"[^"]*"|'[^']*')+/g, "").trim();
  if (rest !== "") throw new SyntaxError(`Cannot read the model flags: a quote in ${text} is not closed`);
  return words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single));
}
