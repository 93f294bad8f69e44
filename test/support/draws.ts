/** What must have the same bits in every JavaScript engine. */
import { philoxLabels, philoxNoise, schedule, torchNoise } from "../../diffusion/index.ts";

export function main() {
  const dims = [4, 3, 16, 17];
  const seed = 2 ** 40 + 7;
  return {
    philox: Array.from(philoxNoise({ seed, dims, firstSample: 5 }).draw(9).data),
    torch: Array.from(torchNoise({ seed, dims }).draw(2).data),
    labels: philoxLabels(seed, 10, 50),
    cosine: schedule({ noiseSchedule: "cosine", timestepRespacing: "50" }).at(23).at,
  };
}
