import { maxSteps, type Schedule, type ScheduleOptions, schedule, spaceTimesteps } from "../../diffusion/index.ts";
import { atPort, isUnread } from "../checks.ts";
import type { NetworkFacts } from "../handles.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/diffusion-schedule",
  version: 1,
  title: "Diffusion Schedule",
  category: "process",
  description: "Sets how noise grows over the process and which of its timesteps are sampled.",
  equation: "βₜ = 1 − ᾱₜ / ᾱₜ₋₁",
  reference: "create_gaussian_diffusion, SpacedDiffusion, space_timesteps",
  inputs: {
    model: port.model({ factsAlone: true, optional: true, help: "Supplies what is left at “from the model”." }),
    noise_schedule: port.text({
      default: "",
      choices: ["", "linear", "cosine"],
      empty: "from the model",
      help: "Empty: from the model, else linear.",
    }),
    diffusion_steps: port.number({
      default: 0,
      min: 0,
      max: maxSteps,
      integer: true,
      help: "Steps the model was trained on; 0: from the model, else 1000.",
    }),
    timestep_respacing: port.text({
      default: "",
      empty: "all",
      help: "How many of them to take: ddim25, 250, or counts of equal sections such as 10,15,20; karras20 or lambda20 spaces them by noise (arXiv:2206.00364, eq. 5; arXiv:2206.00927); empty: all.",
    }),
    rescale_timesteps: port.text({
      default: "",
      choices: ["", "yes", "no"],
      empty: "from the model",
      help: "Give networks t·1000/T; empty: from the model, else no.",
    }),
    sigma_small: port.boolean({ default: false, help: "The smaller variance, where the model does not learn it." }),
  },
  outputs: { schedule: port.schedule() },
  infer: ({ model }, known) => {
    const names = [
      "noise_schedule",
      "diffusion_steps",
      "timestep_respacing",
      "rescale_timesteps",
      "sigma_small",
    ] as const;
    const [noise, steps, respacing, rescale, small] = names.map((name) => known.parameter(name));
    if ([noise, steps, respacing, rescale, small].includes(undefined)) return {};
    const parameters: Parameters = {
      noise_schedule: String(noise),
      diffusion_steps: Number(steps),
      timestep_respacing: String(respacing),
      rescale_timesteps: String(rescale),
      sigma_small: small === true,
    };
    if (isUnread(model) && parameters.diffusion_steps === 0) {
      wantSpacing(parameters.timestep_respacing);
      return { schedule: {} };
    }
    const made = optionsOf(model, parameters);
    const { count } = make(made);
    return { schedule: { count, made } };
  },
  run: ({ model, ...parameters }) => ({ schedule: make(optionsOf(model?.facts, parameters)) }),
});

/** The reference's. */
const usualSteps = 1000;

interface Parameters {
  readonly noise_schedule: string;
  readonly diffusion_steps: number;
  readonly timestep_respacing: string;
  readonly rescale_timesteps: string;
  readonly sigma_small: boolean;
}

/** A model that cannot be read may be trained on more steps than most: refused is what is no spacing of any. */
function wantSpacing(respacing: string): void {
  try {
    spaceTimesteps(usualSteps, respacing);
  } catch {
    atPort("timestep_respacing", () => spaceTimesteps(maxSteps, respacing));
  }
}

/** What a parameter leaves open is the model's, then the reference's default. */
function optionsOf({ process = {} }: NetworkFacts = {}, parameters: Parameters): ScheduleOptions {
  const { noise_schedule, diffusion_steps, timestep_respacing, rescale_timesteps, sigma_small } = parameters;
  return {
    noiseSchedule: (noise_schedule || process.noise_schedule || "linear") as "linear" | "cosine",
    diffusionSteps: diffusion_steps || process.diffusion_steps || usualSteps,
    timestepRespacing: timestep_respacing,
    rescaleTimesteps: rescale_timesteps ? rescale_timesteps === "yes" : (process.rescale_timesteps ?? false),
    sigmaSmall: sigma_small,
  };
}

/** Throws a GraphError at the parameter by which there is no such schedule. */
function make(options: ScheduleOptions): Schedule {
  const { diffusionSteps = usualSteps, timestepRespacing = "" } = options;
  atPort("timestep_respacing", () => spaceTimesteps(diffusionSteps, timestepRespacing));
  // What is wrong otherwise is a β of so few steps.
  return atPort("diffusion_steps", () => schedule(options));
}
