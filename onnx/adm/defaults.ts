/** What the scripts assume (guided_diffusion/script_util.py), by their flags' names. Who goes by some of them picks those. */
import type { ModelFlags } from "./flags.ts";

const scriptDefaults = {
  // model_and_diffusion_defaults
  image_size: 64,
  num_channels: 128,
  num_res_blocks: 2,
  num_heads: 4,
  num_heads_upsample: -1,
  num_head_channels: -1,
  attention_resolutions: "16,8",
  channel_mult: "",
  class_cond: false,
  use_scale_shift_norm: true,
  resblock_updown: false,
  conv_resample: true,
  use_fp16: false,
  use_new_attention_order: false,
  learn_sigma: false,
  diffusion_steps: 1000,
  noise_schedule: "linear",
  predict_xstart: false,
  rescale_timesteps: false,
  // sr_model_and_diffusion_defaults
  large_size: 256,
  small_size: 64,
  // classifier_defaults
  classifier_use_fp16: false,
  classifier_width: 128,
  classifier_depth: 2,
  classifier_attention_resolutions: "32,16,8",
  classifier_use_scale_shift_norm: true,
  classifier_resblock_updown: true,
  classifier_pool: "attention",
  // create_classifier fixes these.
  classifier_conv_resample: true,
  classifier_num_head_channels: 64,
  classifier_use_new_attention_order: false,
} as const satisfies ModelFlags;

type Defaults = typeof scriptDefaults;

export const defaultsOf = <K extends keyof Defaults>(...names: readonly K[]): Pick<Defaults, K> =>
  Object.fromEntries(names.map((name) => [name, scriptDefaults[name]])) as Pick<Defaults, K>;
