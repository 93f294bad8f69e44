/**
 * What DDIM inversion gives back of a picture that DDIM drew: the latent beside the noise that it was drawn from, and the picture
 * that is drawn from the latent. The last step of sampling takes away what noise there is left, 0.6 % of x, and with it what the
 * latent is known by: so inversion begins with the picture, with the picture and another such noise, and with x as it was before
 * that step.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  ddimReverseStep,
  ddimStep,
  philoxNoise,
  predict,
  qSample,
  type Schedule,
  type Step,
  schedule,
  type Tensor,
} from "../../diffusion/index.ts";
import type { Model } from "../../nodes/index.ts";
import { modelsOf } from "../../runtime/index.ts";
import { bundledModels } from "../../server/files/package-root.ts";
import { memoryNetworks } from "../support/memory-networks.ts";

const labels = [0, 3, 4, 9];
const dims = [labels.length, 3, 32, 32];
const noise = (seed: number): Tensor => philoxNoise({ seed, dims }).draw(0);

export async function inversion(): Promise<void> {
  console.log("\nDDIM inversion: the noise and pictures of the example, four of 32×32, x₀ clipped");
  const file = "shapes32_diffusion";
  const networks = memoryNetworks(new Map([[`${file}.pt`, readFileSync(join(bundledModels, `${file}.pt`))]]));
  const model = await modelsOf(networks).unet({ file: `${file}.pt`, sha256: "", flags: flagsOf(file) });
  const [xT, other] = [noise(2105), noise(2106)];
  for (const timestepRespacing of ["ddim25", "ddim100", "ddim250"]) {
    const steps = schedule({ noiseSchedule: "cosine", timestepRespacing });
    const drawn = await down(model, steps, xT);
    const begun = {
      "the picture": drawn.x,
      "the picture with other noise": qSample(drawn.x, other, steps.at(0).at),
      "x before the last step": drawn.before,
    };
    for (const [name, x] of Object.entries(begun)) {
      const latent = await up(model, steps, x);
      const again = await down(model, steps, latent);
      const noises = `correlation ${correlation(latent, xT).toFixed(2)}, with the other ${correlation(latent, other).toFixed(2)}`;
      console.log(
        `  ${timestepRespacing.padEnd(7)}  from ${name.padEnd(28)}  deviation ${deviation(latent).toFixed(2)}  ${noises}  ${agreement(again.x, drawn.x).toFixed(1)} dB`,
      );
    }
  }
  await networks.close();
}

/** As its card has them, but for the names of its classes, which are no flag. */
function flagsOf(file: string): string {
  const { classes: _, ...flags } = JSON.parse(readFileSync(join(bundledModels, `${file}.json`), "utf8")) as object & {
    readonly classes: unknown;
  };
  return Object.entries(flags)
    .map(([name, value]) => `--${name} ${value}`)
    .join(" ");
}

async function predicted(model: Model, x: Tensor, step: Step) {
  const { out, facts } = await model.predict(x, step, labels);
  return predict(out, x, step, { ...facts, clipDenoised: true });
}

async function down(
  model: Model,
  steps: Schedule,
  xT: Tensor,
): Promise<{ readonly x: Tensor; readonly before: Tensor }> {
  let [x, before] = [xT, xT];
  for (let index = steps.count - 1; index >= 0; index--)
    [before, x] = [x, ddimStep(await predicted(model, x, steps.at(index)), undefined)];
  return { x, before };
}

async function up(model: Model, steps: Schedule, picture: Tensor): Promise<Tensor> {
  let x = picture;
  for (let index = 0; index < steps.count; index++) x = ddimReverseStep(await predicted(model, x, steps.at(index)));
  return x;
}

const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = ({ data }: Tensor): number => Math.sqrt(mean(data.map((value) => value ** 2)) - mean(data) ** 2);
const correlation = (a: Tensor, b: Tensor): number =>
  (mean(a.data.map((value, i) => value * b.data[i])) - mean(a.data) * mean(b.data)) / (deviation(a) * deviation(b));
/** PSNR of pictures in [−1, 1]. */
const agreement = (a: Tensor, b: Tensor): number =>
  10 * Math.log10(4 / mean(a.data.map((value, i) => (value - b.data[i]) ** 2)));
