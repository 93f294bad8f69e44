/** A golden case as the flags of `guidegraph sample`. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readJson } from "./golden.ts";

export const goldenFile = (name: string, file: string): string =>
  fileURLToPath(new URL(`../fixtures/golden/${name}/${file}`, import.meta.url));

interface ClassifierArguments {
  readonly model_channels: number;
  readonly num_res_blocks: number;
  /** Downsampling factors. */
  readonly attention_resolutions: readonly number[];
  readonly channel_mult: readonly number[];
  readonly num_heads?: number;
  readonly num_head_channels?: number;
  readonly use_scale_shift_norm: boolean;
  readonly resblock_updown: boolean;
  readonly pool: string;
}

interface Case {
  readonly model: Readonly<Record<string, string | number | boolean>>;
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
}

/** Only what the case says: everything else is the scripts' default, or told by the checkpoint. */
export function sampleArguments(name: string): string[] {
  const flags: Case = readJson(`${name}/case.json`);
  const superRes = existsSync(goldenFile(name, "base.npz"));
  const { image_size: imageSize, ...model } = flags.model;
  const given: Record<string, string | number | boolean | undefined> = {
    ...model,
    ...(superRes
      ? { base_samples: goldenFile(name, "base.npz"), large_size: imageSize, small_size: flags.small_size }
      : { image_size: imageSize, classes: flags.labels?.join(",") }),
    model_path: goldenFile(name, "model.pt"),
    num_classes: flags.num_classes,
    batch_size: flags.batch,
    num_samples: flags.num_samples ?? flags.batch,
    seed: flags.seed,
    use_ddim: flags.use_ddim,
    eta: flags.eta,
    clip_denoised: flags.clip_denoised,
    ...(flags.classifier && {
      classifier_path: goldenFile(name, "classifier.pt"),
      classifier_scale: flags.classifier_scale,
      ...classifierFlags(flags.classifier, Number(imageSize)),
    }),
  };
  return Object.entries(given).flatMap(([flag, value]) =>
    value === undefined ? [] : [`--${flag}`, typeof value === "boolean" ? (value ? "True" : "False") : String(value)],
  );
}

const classifierFlags = (classifier: ClassifierArguments, imageSize: number) => ({
  classifier_width: classifier.model_channels,
  classifier_depth: classifier.num_res_blocks,
  classifier_attention_resolutions: classifier.attention_resolutions.map((factor) => imageSize / factor).join(","),
  classifier_channel_mult: classifier.channel_mult.join(","),
  classifier_num_heads: classifier.num_heads,
  classifier_num_head_channels: classifier.num_head_channels,
  classifier_use_scale_shift_norm: classifier.use_scale_shift_norm,
  classifier_resblock_updown: classifier.resblock_updown,
  classifier_pool: classifier.pool,
});
