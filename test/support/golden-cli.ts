/** A golden case as the flags of `guidegraph sample`. */
import { classifierFlags, type GoldenCase, readJson } from "./golden.ts";
import { goldenFile } from "./golden-file.ts";

/** Only what the case says: everything else is the scripts' default, or told by the checkpoint. */
export function sampleArguments(name: string): string[] {
  const flags: GoldenCase = readJson(`${name}/case.json`);
  const { image_size: imageSize, ...model } = flags.model;
  const { out_channels: _, image_size: __, ...classifier } = classifierFlags(flags) ?? {};
  const given: Readonly<Record<string, unknown>> = {
    ...model,
    ...(flags.small_size !== undefined
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
      ...classifier,
    }),
  };
  return Object.entries(given).flatMap(([flag, value]) =>
    value === undefined ? [] : [`--${flag}`, typeof value === "boolean" ? (value ? "True" : "False") : String(value)],
  );
}
