/** Random-weight checkpoints of the sizes people sample with, written once to a folder of their own. */
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ModelFlags, type Role, shapesOf, structureFromFlags } from "../../onnx/index.ts";
import { randomTensors, writeCheckpoint } from "../support/write-checkpoint.ts";

export const benchFolder = join(tmpdir(), "guidegraph-bench");

export interface BenchModel {
  readonly file: string;
  readonly role: Role;
  readonly flags: ModelFlags;
}

/** A 64×64 UNet of 25 M parameters. */
export const unet25M: BenchModel = {
  file: "unet-25M.pt",
  role: "unet",
  flags: {
    image_size: 64,
    num_channels: 64,
    num_res_blocks: 2,
    channel_mult: "1,2,3,4",
    attention_resolutions: "16,8",
    num_head_channels: 64,
    class_cond: false,
    learn_sigma: true,
    use_scale_shift_norm: true,
    resblock_updown: true,
    use_new_attention_order: true,
    noise_schedule: "cosine",
  },
};

/** A 64×64 classifier of 10 M parameters. */
export const classifier10M: BenchModel = {
  file: "classifier-10M.pt",
  role: "classifier",
  flags: {
    image_size: 64,
    classifier_width: 64,
    classifier_depth: 2,
    classifier_attention_resolutions: "16,8",
    classifier_channel_mult: "1,2,3,4",
    classifier_num_head_channels: 64,
    classifier_use_scale_shift_norm: true,
    classifier_resblock_updown: true,
    classifier_pool: "attention",
    num_classes: 1000,
  },
};

/** The flags of the reference's 64×64 ImageNet model: 296 M parameters, 1.2 GB. */
export const unet1200MB: BenchModel = {
  file: "unet-1200MB.pt",
  role: "unet",
  flags: {
    image_size: 64,
    num_channels: 192,
    num_res_blocks: 3,
    channel_mult: "1,2,3,4",
    attention_resolutions: "32,16,8",
    num_head_channels: 64,
    class_cond: true,
    num_classes: 1000,
    learn_sigma: true,
    use_scale_shift_norm: true,
    resblock_updown: true,
    use_new_attention_order: true,
    noise_schedule: "cosine",
  },
};

/** The path of the checkpoint, written with its card if it is not there yet. */
export function checkpointOf({ file, role, flags }: BenchModel): string {
  const path = join(benchFolder, file);
  if (existsSync(path)) return path;
  mkdirSync(benchFolder, { recursive: true });
  writeFileSync(path.replace(/\.pt$/, ".json"), JSON.stringify(flags, null, 1));
  writeCheckpoint(`${path}.part`, randomTensors(shapesOf(structureFromFlags(role, flags))));
  renameSync(`${path}.part`, path);
  return path;
}

export function parametersOf({ role, flags }: BenchModel): number {
  const shapes = [...shapesOf(structureFromFlags(role, flags)).values()];
  return shapes.reduce((sum, dims) => sum + dims.reduce((product, dim) => product * dim, 1), 0);
}
