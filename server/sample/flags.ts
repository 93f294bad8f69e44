/**
 * The flags of classifier_sample.py, image_sample.py and super_res_sample.py (openai/guided-diffusion, scripts/ and
 * guided_diffusion/script_util.py), by their names, with the defaults that shapes do not tell, and our own beside them.
 */
import { type AnyNode, nodes } from "../../nodes/index.ts";
import { type FlagName, flagKinds, isFlagName } from "../../onnx/index.ts";
import type { Flag, Flags } from "../flags/grammar.ts";
import { classifierRoleFlags, unetRoleFlags } from "./role-flags.ts";

const of = (type: Flag["type"], help: string, rest: Partial<Flag> = {}) => ({ type, help, ...rest }) as const;
const text = (help: string, rest: Partial<Flag> = {}) => ({ ...of("text", help, rest), type: "text" }) as const;
const boolean = (help: string) => ({ ...of("boolean", help), type: "boolean" }) as const;
const integer = (help: string, rest: Partial<Flag> = {}) =>
  ({ ...of("integer", help, rest), type: "integer" }) as const;
const number = (help: string, rest: Partial<Flag> = {}) => ({ ...of("number", help, rest), type: "number" }) as const;

/** With the ranges that the same flags have in a node, a card or a model's metadata. */
const ranged = <T extends Flags>(flags: T): T =>
  Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => {
      const kind = isFlagName(name) ? flagKinds[name] : undefined;
      const isRange = typeof kind === "object" && "most" in kind && flag.type !== "text";
      return [name, isRange ? { ...flag, min: kind.least, max: kind.most } : flag];
    }),
  ) as T;

/** The range of the parameter that takes the flag's value: what is refused is refused in the words of the flag. */
function within(type: keyof typeof nodes, parameter: string): Partial<Flag> {
  const { min, max } = (nodes[type] as AnyNode).inputs[parameter].parameter ?? {};
  return { ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
}

/** Of the UNet; a typed one must fit the checkpoint. */
export const unetFlags = ranged({
  weights: text('which of several sets in the file: "ema", "raw" or its name (the averaged one)', { value: "NAME" }),
  architecture: text("what it is, where channels do not tell", {
    choices: ["UNetModel", "SuperResModel", "EncoderUNetModel"],
  }),
  in_channels: integer("channels of a picture (3)"),
  out_channels: integer("channels of its output, where they are neither as many nor twice"),
  condition_channels: integer("channels of a condition beside the picture (0)"),
  condition_first: boolean("whether the condition comes before the picture (False)"),
  conv_resample: boolean("whether convolutions resample, without resblock_updown (True)"),
  null_label: integer("the label that stands for none, where it was trained with one"),
  image_size: integer("height and width (64)"),
  num_channels: integer("channels of the first level"),
  num_res_blocks: integer("residual blocks a level"),
  num_heads: integer("attention heads (4)"),
  num_heads_upsample: integer("attention heads on the way up (-1: as num_heads)"),
  num_head_channels: integer("channels of a head, instead of num_heads (-1: not used)"),
  attention_resolutions: text("picture sizes with attention"),
  channel_mult: text('channel multiplier of each level ("": by image_size)'),
  class_cond: boolean("whether it takes labels"),
  use_scale_shift_norm: boolean("whether the timestep scales and shifts"),
  resblock_updown: boolean("whether residual blocks resample"),
  use_fp16: boolean("compute in half precision where the backend gains by it"),
  use_new_attention_order: boolean("order of q, k, v in the attention's weights (False)"),
  learn_sigma: boolean("whether it learns the variance"),
  predict_xstart: boolean("whether it predicts x₀ instead of ε (False)"),
  large_size: integer("height and width, super-resolution (256)"),
  small_size: integer("height and width of the condition, super-resolution (64)"),
  num_classes: integer("classes it was trained on (fixed at 1000 in the reference)"),
} satisfies Flags);

/** Of the classifier. */
export const classifierFlags = ranged({
  classifier_weights: text("which of several sets in the file, as weights", { value: "NAME" }),
  classifier_conv_resample: boolean("whether convolutions resample, without classifier_resblock_updown (True)"),
  classifier_use_new_attention_order: boolean("order of q, k, v in the attention's weights (False)"),
  classifier_width: integer("channels of the first level"),
  classifier_depth: integer("residual blocks a level"),
  classifier_attention_resolutions: text("picture sizes with attention"),
  classifier_use_scale_shift_norm: boolean("whether the timestep scales and shifts"),
  classifier_resblock_updown: boolean("whether residual blocks resample"),
  classifier_pool: text("how it pools", { choices: ["adaptive", "attention", "spatial", "spatial_v2"] }),
  classifier_use_fp16: boolean("compute in half precision where the backend gains by it"),
  classifier_channel_mult: text("channel multiplier of each level (fixed by image_size in the reference)"),
  classifier_num_heads: integer("attention heads, instead of the reference's fixed 64 channels a head"),
  classifier_num_head_channels: integer("channels of a head (64)"),
} satisfies Flags);

/** Of the process; they go to the Diffusion Schedule. */
export const processFlags = ranged({
  diffusion_steps: integer("steps of the process it was trained on (1000)"),
  noise_schedule: text("its noise schedule (linear)", { choices: ["linear", "cosine"] }),
  timestep_respacing: text('steps to take: a number, "ddim25", or steps by section ("10,10,5")'),
  rescale_timesteps: boolean("whether networks see timesteps scaled to 1000 (False; True in improved-diffusion)"),
} satisfies Flags);

/** improved-diffusion's scripts choose the variance that is not learnt; guided-diffusion's take the larger. */
const varianceFlags = {
  sigma_small: boolean("the smaller variance, where it is not learnt (False)"),
} satisfies Flags;

/** They matter in training only. */
const trainingFlags = ranged({
  dropout: number("accepted, does nothing"),
  use_checkpoint: boolean("accepted, does nothing"),
  use_kl: boolean("accepted, does nothing"),
  rescale_learned_sigmas: boolean("accepted, does nothing"),
} satisfies Flags);

/** Taken so that a command's flags can be pasted whole; no help lists what does nothing. */
const unlisted = <T extends Flags>(flags: T): T =>
  Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, { ...flag, isUnlisted: true }])) as T;

export const silentFlags = unlisted(trainingFlags);

/** All that a checkpoint's flags may say can be typed here: what `models inspect` prints is pasted. */
({ ...unetFlags, ...classifierFlags, ...processFlags, ...trainingFlags }) satisfies Readonly<Record<FlagName, Flag>>;

const samplingFlags = {
  model_path: text("checkpoint of the UNet", { value: "FILE" }),
  classifier_path: text("checkpoint of a classifier: its gradient guides (classifier_sample.py)", { value: "FILE" }),
  classifier_scale: number("how strongly (1)", within("guidegraph/build-cond-fn", "scale")),
  base_samples: text("NPZ of small pictures to enlarge (super_res_sample.py)", { value: "FILE" }),
  condition: text("pictures that a network with a condition takes beside x", { value: "FILE" }),
  num_samples: integer("pictures in all (10000)", { ...within("guidegraph/save-npz", "num_samples"), min: 1 }),
  batch_size: integer("pictures at a time (16)", within("guidegraph/gaussian-noise", "batch")),
  clip_denoised: boolean("clip x₀ to [−1, 1] (True)"),
  use_ddim: boolean("DDIM instead of ancestral sampling (False)"),
} satisfies Flags;

/** What the scripts do not have. */
const ownFlags = {
  seed: integer("seed of the noise, and of labels that are drawn (0)", within("guidegraph/gaussian-noise", "seed")),
  noise: text(
    "generator: torch draws what torch.manual_seed and torch.randn draw on the CPU (a CUDA run draws others)",
    {
      choices: ["torch", "philox"],
    },
  ),
  classes: text("labels, one or a list that repeats, instead of random ones", { value: "3,7" }),
  eta: number("DDIM's share of noise, with use_ddim (0)", within("guidegraph/ddim-step", "eta")),
  "emit-graph": text("also write the graph that does the same; models by name and sha256", { value: "FILE" }),
  "emit-only": { type: "switch", help: "with --emit-graph: write the graph, and draw nothing" },
} satisfies Flags;

export const sampleFlags = {
  ...samplingFlags,
  ...ownFlags,
  ...processFlags,
  ...varianceFlags,
  ...unetFlags,
  ...classifierFlags,
  ...unetRoleFlags,
  ...classifierRoleFlags,
  ...trainingFlags,
};
