/**
 * The 15 checkpoints that the reference's README offers, with the flags it gives for each. They are recognised by their
 * tensor shapes. Some have the same shapes and the same flags (dropout, which only training uses, aside).
 */
import { type ModelFlags, parseModelFlags } from "./flags.ts";
import { structureFromFlags } from "./from-flags.ts";
import type { Role } from "./role.ts";
import { type AdmStructure, structureKey } from "./structure.ts";

export interface Preset {
  /** File names without ".pt". */
  readonly names: readonly string[];
  readonly role: Role;
  readonly flags: ModelFlags;
}

const unet = (flags: string, ...names: string[]): Preset => ({
  names,
  role: "unet",
  flags: parseModelFlags(
    `--diffusion_steps 1000 --learn_sigma True --resblock_updown True --use_scale_shift_norm True --noise_schedule linear --use_fp16 True ${flags}`,
  ),
});

/** All classifiers are made by create_classifier with its defaults, which fix heads of 64 channels. */
const classifier = (flags: string, name: string): Preset => ({
  names: [name],
  role: "classifier",
  flags: parseModelFlags(
    `--classifier_width 128 --classifier_attention_resolutions 32,16,8 --classifier_pool attention --classifier_num_head_channels 64 --classifier_use_scale_shift_norm True --classifier_resblock_updown True --num_classes 1000 ${flags}`,
  ),
});

export const presets: readonly Preset[] = [
  classifier("--image_size 64 --classifier_depth 4", "64x64_classifier"),
  unet(
    "--image_size 64 --attention_resolutions 32,16,8 --class_cond True --noise_schedule cosine --num_channels 192 --num_head_channels 64 --num_res_blocks 3 --use_new_attention_order True",
    "64x64_diffusion",
  ),
  classifier("--image_size 128 --classifier_depth 2", "128x128_classifier"),
  unet(
    "--image_size 128 --attention_resolutions 32,16,8 --class_cond True --num_channels 256 --num_heads 4 --num_res_blocks 2",
    "128x128_diffusion",
  ),
  classifier("--image_size 256 --classifier_depth 2", "256x256_classifier"),
  unet(
    "--image_size 256 --attention_resolutions 32,16,8 --class_cond True --num_channels 256 --num_head_channels 64 --num_res_blocks 2",
    "256x256_diffusion",
  ),
  unet(
    "--image_size 256 --attention_resolutions 32,16,8 --class_cond False --num_channels 256 --num_head_channels 64 --num_res_blocks 2",
    "256x256_diffusion_uncond",
    "lsun_bedroom",
    "lsun_cat",
    "lsun_horse",
    "lsun_horse_nodropout",
  ),
  classifier("--image_size 512 --classifier_depth 2", "512x512_classifier"),
  unet(
    "--image_size 512 --attention_resolutions 32,16,8 --class_cond True --num_channels 256 --num_head_channels 64 --num_res_blocks 2 --use_fp16 False",
    "512x512_diffusion",
  ),
  unet(
    "--large_size 256 --small_size 64 --attention_resolutions 32,16,8 --class_cond True --num_channels 192 --num_heads 4 --num_res_blocks 2",
    "64_256_upsampler",
  ),
  unet(
    "--large_size 512 --small_size 128 --attention_resolutions 32,16 --class_cond True --num_channels 192 --num_head_channels 64 --num_res_blocks 2",
    "128_512_upsampler",
  ),
];

/** The released checkpoint with these tensor shapes, if there is one. */
export function findPreset(structure: AdmStructure): Preset | undefined {
  const wanted = structureKey(structure);
  return presets.find(({ role, flags }) => structureKey(structureFromFlags(role, flags)) === wanted);
}
