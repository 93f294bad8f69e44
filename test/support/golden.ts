/** The reference's own runs, kept in test/fixtures/golden (README there). */
import { readFileSync } from "node:fs";
import type { ScheduleOptions } from "../../diffusion/index.ts";
import { readNpz } from "./npz.ts";

const folder = new URL("../fixtures/golden/", import.meta.url);

interface ModelFlags {
  readonly noise_schedule: "linear" | "cosine";
  readonly diffusion_steps?: number;
  readonly timestep_respacing?: string;
  readonly rescale_timesteps?: boolean;
  readonly learn_sigma?: boolean;
  readonly predict_xstart?: boolean;
}

export interface GoldenCase {
  readonly model: ModelFlags;
  readonly batch: number;
  readonly seed: number;
  readonly use_ddim?: boolean;
  readonly eta?: number;
  readonly clip_denoised?: boolean;
  readonly classifier_scale?: number;
}

export const readJson = (name: string) => JSON.parse(readFileSync(new URL(name, folder), "utf8"));

export const golden = (name: string) => ({
  flags: readJson(`${name}/case.json`) as GoldenCase,
  expected: readNpz(new URL(`${name}/expected.npz`, folder).pathname),
});

export const scheduleOf = ({ model }: GoldenCase): ScheduleOptions => ({
  noiseSchedule: model.noise_schedule,
  diffusionSteps: model.diffusion_steps ?? 1000,
  timestepRespacing: model.timestep_respacing ?? "",
  rescaleTimesteps: model.rescale_timesteps ?? false,
});

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
