/** Which of the reference's flags, and of ours beside them, do nothing where others are not given, or are. */
import { defaultsOf, type ModelFlags, type Role } from "../../onnx/index.ts";
import type { Idle } from "../flags/idle.ts";
import { classifierFlags, type sampleFlags, type unetFlags } from "./flags.ts";
import { classifierRoleFlags, unetRoleFlags } from "./role-flags.ts";

/** What is known of a command's networks; undefined of one that is not given, or not here yet. */
export interface KnownNetworks {
  readonly unet: KnownNetwork | undefined;
  readonly classifier: KnownNetwork | undefined;
}

export interface KnownNetwork {
  readonly isOnnx: boolean;
  readonly takesLabels: boolean;
  readonly learnsVariance: boolean;
  /** Complete ones. */
  readonly flags: ModelFlags;
}

type Row = Idle<typeof sampleFlags, KnownNetworks>;

const shapes = [
  "num_channels",
  "num_res_blocks",
  "num_heads",
  "num_heads_upsample",
  "num_head_channels",
  "attention_resolutions",
  "channel_mult",
  "use_scale_shift_norm",
  "resblock_updown",
  "conv_resample",
  "use_new_attention_order",
] as const;

/** Shapes, and what they do not tell: an ONNX file is the network already. */
const ofCheckpoints = [...shapes, "weights"] as const;

const namesOf = <T extends object>(flags: T) => Object.keys(flags) as (keyof T)[];
const ofClassifiers = namesOf(classifierFlags);

const classifierDefaults = defaultsOf(
  "classifier_use_fp16",
  "classifier_width",
  "classifier_depth",
  "classifier_attention_resolutions",
  "classifier_use_scale_shift_norm",
  "classifier_resblock_updown",
  "classifier_pool",
);

export const idleInSample: readonly Row[] = [
  {
    flags: ["classifier_scale", ...ofClassifiers, ...namesOf(classifierRoleFlags)],
    usual: { classifier_scale: 1, ...classifierDefaults },
    // Without guidance is what a scale of 0 asks for.
    why: ({ classifier_path: path, classifier_scale: scale }) =>
      path || scale === 0 ? undefined : "without --classifier_path: no classifier guides",
  },
  {
    flags: ["use_ddim"],
    usual: { use_ddim: false },
    why: ({ base_samples: base }) => (base ? "beside --base_samples: super_res_sample.py has no DDIM" : undefined),
  },
  {
    flags: ["eta"],
    usual: { eta: 0 },
    why: ({ use_ddim: ddim, base_samples: base }) =>
      base
        ? "beside --base_samples: super_res_sample.py has no DDIM"
        : ddim
          ? undefined
          : "without --use_ddim True: it is DDIM's",
  },
  {
    flags: ["classes"],
    usual: { classes: "" },
    why: ({ base_samples: base, classifier_path: path }, { unet }) => {
      if (base) return "beside --base_samples: the labels are those of its file (arr_1)";
      return path || !unet || unet.takesLabels
        ? undefined
        : "here: the network takes no labels, and without --classifier_path nothing is guided by them";
    },
  },
  {
    flags: ["sigma_small"],
    usual: { sigma_small: false },
    why: (_, { unet }) => (unet?.learnsVariance ? "here: the network learnt its variance" : undefined),
  },
  {
    flags: ["num_heads", "num_heads_upsample"],
    usual: defaultsOf("num_heads", "num_heads_upsample"),
    // One is what `models inspect` prints where the width tells.
    why: ({ num_heads: heads, num_head_channels: width = -1 }) =>
      width === -1 || heads === 1 ? undefined : "beside --num_head_channels, which tells the number of heads",
  },
  {
    flags: ["classifier_num_heads"],
    usual: { classifier_num_heads: 1 },
    why: ({ classifier_num_head_channels: width = -1, classifier_path: path }) =>
      width === -1 || !path ? undefined : "beside --classifier_num_head_channels, which tells the number of heads",
  },
  {
    flags: ["conv_resample"],
    usual: defaultsOf("conv_resample"),
    why: (_, { unet }) => (unet?.flags.resblock_updown ? "here: the residual blocks resample" : undefined),
  },
  {
    flags: ["classifier_conv_resample"],
    usual: defaultsOf("classifier_conv_resample"),
    why: (_, { classifier }) =>
      classifier?.flags.classifier_resblock_updown ? "here: the residual blocks resample" : undefined,
  },
  {
    flags: ["condition_first"],
    usual: { condition_first: false },
    why: ({ condition }) => (condition ? undefined : "without --condition: the network takes none"),
  },
  {
    flags: ofCheckpoints,
    why: (_, { unet }) => (unet?.isOnnx ? "here: --model_path is ONNX, whose graph tells" : undefined),
  },
  {
    flags: ofClassifiers.filter((name) => name !== "classifier_use_fp16"),
    why: (_, { classifier }) => (classifier?.isOnnx ? "here: --classifier_path is ONNX, whose graph tells" : undefined),
  },
  {
    flags: namesOf(unetRoleFlags),
    why: (_, { unet }) =>
      unet?.isOnnx === false ? "here: --model_path is a checkpoint, whose layers tell" : undefined,
  },
  {
    flags: namesOf(classifierRoleFlags),
    why: (_, { classifier }) =>
      classifier?.isOnnx === false ? "here: --classifier_path is a checkpoint, whose layers tell" : undefined,
  },
];

type ModelRow = Idle<typeof unetFlags & typeof classifierFlags, { readonly role: Role | "network" }>;

/** Of commands that take one file, and the flags of both kinds of networks. */
export const idleForRole: readonly ModelRow[] = [
  {
    flags: ofClassifiers,
    usual: classifierDefaults,
    why: (_, { role }) => (role === "unet" ? "here: the file is a UNet" : undefined),
  },
  {
    flags: [
      ...ofCheckpoints.filter((name) => name !== "weights"),
      "large_size",
      "small_size",
      "class_cond",
      "learn_sigma",
      "predict_xstart",
      "null_label",
      "condition_channels",
      "condition_first",
      "use_fp16",
    ],
    usual: defaultsOf(...shapes, "class_cond", "learn_sigma", "predict_xstart", "use_fp16"),
    why: (_, { role }) =>
      role === "classifier" ? "here: the file is a classifier, whose flags begin with classifier_" : undefined,
  },
];
