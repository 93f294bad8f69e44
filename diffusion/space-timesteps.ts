/** Which timesteps of the full process a respaced one keeps: the reference's `space_timesteps`, and spacings by noise. */
import { wantSteps } from "./betas.ts";
import { karrasTimesteps, lambdaTimesteps } from "./noise-levels.ts";

/**
 * `respacing` is "" (every step), "ddimN" (N steps at the smallest integer stride that gives N), step counts of equal
 * sections, "10,15,20", or "karrasN" or "lambdaN" (N steps spaced by their noise, which lie between timesteps too). What it comes to
 * takes ᾱ of every timestep of the process; ascending. Throws a RangeError for what cannot be made.
 */
export function spaceTimesteps(steps: number, respacing: string): (full: Float64Array) => number[] {
  wantSteps(steps);
  const byNoise = /^\s*(karras|lambda)\s*(\d+)\s*$/.exec(respacing);
  if (byNoise) return spacedByNoise(steps, byNoise[1] as "karras" | "lambda", Number(byNoise[2]));
  const timesteps = spaced(steps, respacing);
  return () => timesteps;
}

function spaced(steps: number, respacing: string): number[] {
  if (respacing.trim() === "") return Array.from({ length: steps }, (_, t) => t);
  const ddim = /^\s*ddim\s*(\d+)\s*$/.exec(respacing);
  if (ddim) return strided(steps, Number(ddim[1]));
  const counts = respacing.split(",").map((count) => (/^\s*\d+\s*$/.test(count) ? Number(count) : Number.NaN));
  if (counts.some(Number.isNaN))
    throw new RangeError(
      `Cannot read timestep_respacing "${respacing.slice(0, 40)}": give "ddim25", "karras20", "lambda20", or step counts of equal sections such as "250" or "10,15,20"`,
    );
  return inSections(steps, counts);
}

function spacedByNoise(steps: number, spacing: "karras" | "lambda", count: number) {
  if (count < 1 || count > steps)
    throw new RangeError(`Cannot take ${spacing}${count}: give a number of steps from 1 to the process's ${steps}`);
  const timesteps = spacing === "karras" ? karrasTimesteps : lambdaTimesteps;
  return (full: Float64Array) => timesteps(full, count);
}

/** 0, i, 2i, … for the smallest i with ⌈T/i⌉ = N: Song et al. 2020 (arXiv:2010.02502), appendix D.2 ("linear"). */
function strided(steps: number, wanted: number): number[] {
  for (let stride = 1; stride < steps; stride++)
    if (Math.ceil(steps / stride) === wanted) return Array.from({ length: wanted }, (_, k) => k * stride);
  throw new RangeError(
    `Cannot take ddim${wanted} of ${steps} steps: no integer stride gives ${wanted}; nearby ones are ${nearby(steps, wanted)}`,
  );
}

/** The closest step counts that an integer stride gives, two on either side. */
function nearby(steps: number, wanted: number): string {
  const possible = [...new Set(Array.from({ length: steps - 1 }, (_, i) => Math.ceil(steps / (i + 1))))];
  const fewer = possible.filter((count) => count < wanted).slice(0, 2);
  const more = possible.filter((count) => count > wanted).slice(-2);
  const list = [...fewer.reverse(), ...more.reverse()].map((count) => `ddim${count}`);
  return list.length ? list.join(", ") : "none";
}

/** Each section is strided on its own; the position is accumulated and rounded half to even, as Python does. */
function inSections(steps: number, counts: readonly number[]): number[] {
  const size = Math.floor(steps / counts.length);
  const extra = steps % counts.length;
  const taken = new Set<number>();
  let start = 0;
  counts.forEach((count, section) => {
    const length = size + (section < extra ? 1 : 0);
    if (length < count)
      throw new RangeError(
        `Cannot take ${count} steps from section ${section + 1} of ${counts.length}: it has ${length} of the ${steps} steps`,
      );
    const stride = count <= 1 ? 1 : (length - 1) / (count - 1);
    let position = 0;
    for (let k = 0; k < count; k++) {
      taken.add(start + roundHalfToEven(position));
      position += stride;
    }
    start += length;
  });
  if (taken.size === 0) throw new RangeError(`Cannot sample in 0 steps: raise timestep_respacing`);
  return [...taken].sort((a, b) => a - b);
}

/** Python's `round`. */
function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
