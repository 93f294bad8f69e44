/**
 * The flags of classifier_sample.py, image_sample.py and super_res_sample.py (openai/guided-diffusion, scripts/ and
 * guided_diffusion/script_util.py), by their names, with the defaults that shapes do not tell, and our own beside them.
 */
import { flagKinds, isFlagName } from "../../onnx/index.ts";
import type { Flag, Flags } from "../flags/grammar.ts";

const of = (type: Flag["type"], help: string, rest: Partial<Flag> = {}) => ({ type, help, ...rest }) as const;
const text = (help: string, rest: Partial<Flag> = {}) => ({ ...of("text", help, rest), type: "text" }) as const;
const boolean = (help: string) => ({ ...of("boolean", help), type: "boolean" }) as const;
const integer = (help: string) => ({ ...of("integer", help), type: "integer" }) as const;
const number = (help: string) => ({ ...of("number", help), type: "number" }) as const;

/** With the ranges that the same flags have in a node, a card or a model's metadata. */
const ranged = <T extends Flags>(flags: T): T =>
  Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => {
      const kind = isFlagName(name) ? flagKinds[name] : undefined;
      const isRange = typeof kind === "object" && "most" in kind && flag.type !== "text";
      return [name, isRange ? { ...flag, min: kind.least, max: kind.most } : flag];
    }),
  ) as T;

/** Of the UNet; a typed one must fit the checkpoint. */
export const unetFlags = ranged({
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
  rescale_timesteps: boolean("whether networks see timesteps scaled to 1000 (False)"),
} satisfies Flags);

/** They matter in training only. */
export const trainingFlags = ranged({
  dropout: number("accepted, does nothing"),
  use_checkpoint: boolean("accepted, does nothing"),
  use_kl: boolean("accepted, does nothing"),
  rescale_learned_sigmas: boolean("accepted, does nothing"),
} satisfies Flags);

const samplingFlags = {
  model_path: text("checkpoint of the UNet", { value: "FILE" }),
  classifier_path: text("checkpoint of a classifier: its gradient guides (classifier_sample.py)", { value: "FILE" }),
  classifier_scale: number("how strongly (1)"),
  base_samples: text("NPZ of small pictures to enlarge (super_res_sample.py)", { value: "FILE" }),
  num_samples: integer("pictures in all (10000)"),
  batch_size: integer("pictures at a time (16)"),
  clip_denoised: boolean("clip x₀ to [−1, 1] (True)"),
  use_ddim: boolean("DDIM instead of ancestral sampling (False)"),
} satisfies Flags;

/** What the scripts do not have. */
const ownFlags = {
  seed: integer("seed of the noise, and of labels that are drawn (0)"),
  noise: text(
    "generator: torch draws what torch.manual_seed and torch.randn draw on the CPU (a CUDA run draws others)",
    {
      choices: ["torch", "philox"],
    },
  ),
  classes: text("labels, one or a list that repeats, instead of random ones", { value: "3,7" }),
  eta: number("DDIM's share of noise, with use_ddim (0)"),
  "emit-graph": text("write the graph that does the same; models by name and sha256", { value: "FILE" }),
} satisfies Flags;

export const sampleFlags = {
  ...samplingFlags,
  ...ownFlags,
  ...processFlags,
  ...unetFlags,
  ...classifierFlags,
  ...trainingFlags,
};
