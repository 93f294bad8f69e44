/** Samplers of the library, run on networks that are functions. */
import { philoxNoise, type Schedule, type Step, schedule, type Tensor } from "../../diffusion/index.ts";
import { setParameter } from "../../graphs/document/index.ts";
import { type SamplerName, samplerGraph } from "../../graphs/recipes/index.ts";
import { type ModelFile, type NetworkFacts, nodes } from "../../nodes/index.ts";
import { unetFacts } from "./fake-context.ts";
import { wiredValue } from "./wired-values.ts";

/** What predicts ε. */
export type EpsNetwork = (x: Tensor, step: Step, labels: readonly number[]) => Tensor;

export const unlabelled = [10, 10];
export const wanted = [1, 7];

/** An ε made up of x, the timestep and the label, so that a mistake in any of them shows. */
export const madeUp: EpsNetwork = ({ dims, data }, { modelT }, labels) => ({
  dims,
  data: data.map((value, i) => 0.7 * value + 0.3 * Math.sin(modelT + i * labels[Math.floor(i / 48)])),
});

export const x_T = philoxNoise({ seed: 0, dims: [2, 3, 4, 4] }).draw(0);

const process = { noiseSchedule: "cosine", diffusionSteps: 200 } as const;
export const rows = (timestepRespacing: string): Schedule => schedule({ ...process, timestepRespacing });

interface Sampling {
  readonly network?: EpsNetwork;
  /** A second one, for samplers that go away from it. */
  readonly weak?: EpsNetwork;
  readonly respacing?: string;
  readonly x?: Tensor;
  /** Of the loop. */
  readonly order?: string;
  readonly set?: Readonly<Record<string, unknown>>;
}

/** The picture that a library sampler ends with, two samples told different labels; nothing is clipped. */
export function sampled(
  name: SamplerName,
  { network = madeUp, weak, respacing = "ddim10", x = x_T, order, set = {} }: Sampling = {},
): Promise<Tensor> {
  const facts: NetworkFacts = { ...unetFacts, learnSigma: false };
  const unet = async ({ file }: ModelFile) => ({
    key: file,
    facts,
    predict: async (x: Tensor, step: Step, y?: readonly number[]) =>
      ({ out: (file === "weak.pt" ? weak! : network)(x, step, y!), facts: { ...facts, batch: 2 }, step }) as never,
  });
  const library = samplerGraph(name);
  const graph = order === undefined ? library : setParameter(library, `${library.about.title}.order`, order, nodes);
  return wiredValue(
    (w) => {
      const model = w.add("guidegraph/load-unet", { file: "unet.pt" }).out("model");
      const own = { noise_schedule: "cosine", diffusion_steps: 200, timestep_respacing: respacing };
      const schedule = w.add("guidegraph/diffusion-schedule", own).out("schedule");
      const labels = w.add("guidegraph/class-labels", { classes: wanted.join() }).out("labels");
      const worse = weak && { weak: w.add("guidegraph/load-unet", { file: "weak.pt" }).out("model") };
      const given = { schedule, x: w.tensor(x, "x"), model, labels, clip_denoised: false, ...worse, ...set };
      const box = w.insert(graph, { name, version: 1 }, given as never);
      return w.add("guidegraph/scale", { tensor: box.out("x") }).out("tensor");
    },
    { unet },
  ) as Promise<Tensor>;
}
