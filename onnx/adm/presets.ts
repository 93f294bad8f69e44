/**
 * The checkpoints that the READMEs of guided-diffusion (15) and of improved-diffusion before it (8) offer, with the flags
 * that these give for each. The former are recognised by their tensor shapes; the latter have shapes that others train
 * with another process, so their file's name must say so as well. Some have the same shapes and the same flags (dropout
 * and losses, which only training uses, aside).
 */
import { type ModelFlags, parseModelFlags } from "./flags.ts";
import { structureFromFlags } from "./from-flags.ts";
import type { Role } from "./role.ts";
import { type AdmStructure, structureKey } from "./structure.ts";

export interface Preset {
  /** File names without ".pt". */
  readonly names: readonly string[];
  /** Whether the file must be called so. */
  readonly byName?: true;
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

/** improved-diffusion's scripts have heads of their own number, 4, and rescale timesteps unless told otherwise. */
const improved = (flags: string, ...names: string[]): Preset => ({
  names,
  byName: true,
  role: "unet",
  flags: parseModelFlags(
    `--num_heads 4 --attention_resolutions 16,8 --use_scale_shift_norm True --resblock_updown False --learn_sigma True --rescale_timesteps True --use_fp16 False ${flags}`,
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
  improved(
    "--image_size 64 --num_channels 128 --num_res_blocks 3 --class_cond False --diffusion_steps 4000 --noise_schedule cosine",
    "imagenet64_uncond_100M_1500K",
    "imagenet64_uncond_vlb_100M_1500K",
  ),
  improved(
    "--image_size 32 --channel_mult 1,2,2,2 --num_channels 128 --num_res_blocks 3 --class_cond False --diffusion_steps 4000 --noise_schedule cosine",
    "cifar10_uncond_50M_500K",
    "cifar10_uncond_vlb_50M_500K",
  ),
  improved(
    "--image_size 64 --num_channels 192 --num_res_blocks 3 --class_cond True --diffusion_steps 4000 --noise_schedule cosine --rescale_timesteps False",
    "imagenet64_cond_270M_250K",
  ),
  improved(
    "--large_size 256 --small_size 64 --num_channels 192 --num_res_blocks 2 --class_cond True --diffusion_steps 4000 --noise_schedule linear --rescale_timesteps False",
    "upsample_cond_500K",
  ),
  improved(
    "--image_size 256 --num_channels 128 --num_res_blocks 2 --num_heads 1 --use_scale_shift_norm False --attention_resolutions 16 --class_cond False --diffusion_steps 1000 --noise_schedule linear --rescale_timesteps False",
    "lsun_uncond_100M_1200K_bs128",
    "lsun_uncond_100M_2400K_bs64",
  ),
];

/** The released checkpoint with these tensor shapes, if there is one; `file` is the file's name. */
export const findPreset = (structure: AdmStructure, file = ""): Preset | undefined =>
  ofShapes(structure).find(({ byName, names }) => !byName || names.includes(stem(file)));

/** A checkpoint that has these shapes and another name. */
export const similarPreset = (structure: AdmStructure): Preset | undefined =>
  ofShapes(structure).find(({ byName }) => byName);

/** All released checkpoints that have these shapes, whatever the file is called. */
export function ofShapes(structure: AdmStructure): Preset[] {
  const wanted = structureKey(structure);
  return presets.filter(({ role, flags }) => structureKey(structureFromFlags(role, flags)) === wanted);
}

const stem = (file: string): string => file.replace(/^.*[/\\]/, "").replace(/\.[^.]*$/, "");
