/** The reference's own runs, kept in test/fixtures/golden (README there). */
import { readFileSync } from "node:fs";
import type { ScheduleOptions } from "../../diffusion/index.ts";
import type { ModelFlags } from "../../onnx/index.ts";
import { readNpz } from "./npz.ts";

const folder = new URL("../fixtures/golden/", import.meta.url);

/** EncoderUNetModel's arguments. */
interface ClassifierArguments {
  readonly model_channels: number;
  readonly out_channels: number;
  readonly num_res_blocks: number;
  /** Downsampling factors. */
  readonly attention_resolutions: readonly number[];
  readonly channel_mult: readonly number[];
  readonly num_heads?: number;
  readonly num_head_channels?: number;
  readonly use_scale_shift_norm: boolean;
  readonly resblock_updown: boolean;
  readonly pool: "adaptive" | "attention";
}

export interface GoldenCase {
  readonly model: ModelFlags & {
    readonly image_size: number;
    readonly noise_schedule: "linear" | "cosine";
    readonly timestep_respacing: string;
  };
  readonly classifier?: ClassifierArguments;
  readonly classifier_scale?: number;
  readonly num_classes?: number;
  readonly labels?: readonly number[] | null;
  readonly batch: number;
  readonly num_samples?: number;
  readonly seed: number;
  readonly use_ddim?: boolean;
  readonly eta?: number;
  readonly clip_denoised?: boolean;
  readonly small_size?: number;
  /** Weights are rounded to float16. */
  readonly half?: boolean;
  readonly weights_seed: number;
}

export const readJson = (name: string) => JSON.parse(readFileSync(new URL(name, folder), "utf8"));

export const golden = (name: string) => ({
  flags: readJson(`${name}/case.json`) as GoldenCase,
  expected: readNpz(new URL(`${name}/expected.npz`, folder).pathname),
});

export const scheduleOf = ({ model }: GoldenCase): ScheduleOptions => ({
  noiseSchedule: model.noise_schedule,
  diffusionSteps: model.diffusion_steps ?? 1000,
  timestepRespacing: model.timestep_respacing,
  rescaleTimesteps: model.rescale_timesteps ?? false,
});

/** The UNet's own flags, of those that a case has for the scripts. */
export function unetFlags({ model, num_classes, small_size }: GoldenCase): ModelFlags {
  const { timestep_respacing: _, image_size, ...flags } = model;
  return {
    ...flags,
    ...(small_size === undefined ? { image_size } : { large_size: image_size, small_size }),
    ...(num_classes !== undefined && { num_classes }),
  };
}

/** The classifier's, as classifier_sample.py takes them. */
export const classifierFlags = ({ model: { image_size }, classifier: c }: GoldenCase): ModelFlags | undefined =>
  c && {
    image_size,
    out_channels: c.out_channels,
    classifier_width: c.model_channels,
    classifier_depth: c.num_res_blocks,
    classifier_attention_resolutions: c.attention_resolutions.map((factor) => image_size / factor).join(","),
    classifier_channel_mult: c.channel_mult.join(","),
    ...(c.num_heads !== undefined && { classifier_num_heads: c.num_heads }),
    ...(c.num_head_channels !== undefined && { classifier_num_head_channels: c.num_head_channels }),
    classifier_use_scale_shift_norm: c.use_scale_shift_norm,
    classifier_resblock_updown: c.resblock_updown,
    classifier_pool: c.pool,
  };

/** ‖a − b‖ / ‖b‖ */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let difference = 0;
  let size = 0;
  for (let i = 0; i < b.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    size += b[i] ** 2;
  }
  return a.length === b.length ? Math.sqrt(difference / size) : Number.NaN;
}
