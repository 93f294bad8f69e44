/** The process of a command: what is typed, then what the network says of itself, then what the scripts assume. */
import type { NetworkFacts } from "../../nodes/index.ts";
import type { Given } from "../flags/grammar.ts";
import type { SamplePlan } from "./document.ts";
import type { sampleFlags } from "./flags.ts";
import type { Origin } from "./words.ts";

export interface ProcessOptions {
  /** Undefined of a network that is not here yet. */
  readonly network: NetworkFacts["process"] | undefined;
  /** Whose script it is. */
  readonly origin: Origin | undefined;
  readonly say: (line: string) => void;
}

type ProcessFlags = Given<typeof sampleFlags>;

/**
 * Every number of it, so that the graph needs no defaults; of a network that is not here yet what is not typed stays open, and
 * the Diffusion Schedule takes it from the network: no guess goes over what its card will say.
 */
export function processOf(given: ProcessFlags, { network, origin, say }: ProcessOptions): SamplePlan["process"] {
  const { noise_schedule: noise, diffusion_steps: steps, rescale_timesteps: isRescaled } = given;
  const typed = {
    timestep_respacing: given.timestep_respacing ?? "",
    ...(given.sigma_small && { sigma_small: true }),
  };
  if (network === undefined)
    return {
      ...typed,
      noise_schedule: noise ?? "",
      diffusion_steps: steps ?? 0,
      rescale_timesteps: yesOrNo(isRescaled ?? rescaledUnread(given, origin, say)),
    };
  const count = steps ?? network.diffusion_steps ?? 1000;
  return {
    ...typed,
    noise_schedule: noise ?? network.noise_schedule ?? "linear",
    diffusion_steps: count,
    rescale_timesteps: yesOrNo(isRescaled ?? network.rescale_timesteps ?? rescaledBy(origin, count, say)),
  };
}

/** "" leaves it to the network. */
const yesOrNo = (is: boolean | undefined): string => (is === undefined ? "" : is ? "yes" : "no");

/** Whether timesteps are rescaled where neither flag nor checkpoint tells. With 1000 steps it is the same. */
function rescaledBy(origin: Origin | undefined, steps: number, say: ProcessOptions["say"]): boolean {
  const rescaled = origin === "improved-diffusion";
  if (steps !== 1000)
    say(
      origin === undefined
        ? `nothing tells whether the network saw timesteps of ${steps} steps scaled to 1000: they are not scaled, as in guided-diffusion; for one that improved-diffusion trained give --rescale_timesteps True`
        : `timesteps are ${rescaled ? "" : "not "}scaled to 1000, as ${origin} does unless told otherwise (--rescale_timesteps)`,
    );
  return rescaled;
}

/** The network may tell once it is here; improved-diffusion's scripts do scale, and their checkpoints come without a card. */
function rescaledUnread(
  { diffusion_steps: steps }: ProcessFlags,
  origin: Origin | undefined,
  say: ProcessOptions["say"],
): true | undefined {
  if (origin === "improved-diffusion") {
    rescaledBy(origin, steps ?? 0, say);
    return true;
  }
  if (steps !== undefined && steps !== 1000)
    say(
      `timesteps of ${steps} steps are not scaled to 1000 unless the network's card says so; for one that improved-diffusion trained give --rescale_timesteps True`,
    );
  return undefined;
}
