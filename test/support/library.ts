/** Samplers of the library, run on networks that are functions, or on small ones that have gradients. */

import { type Noise, philoxNoise, type Schedule, type Step, schedule, type Tensor } from "../../diffusion/index.ts";
import type { World } from "../../executor/index.ts";
import { borderName, setParameter, structures } from "../../graphs/document/index.ts";
import { type SamplerName, samplerGraph } from "../../graphs/recipes/index.ts";
import { type ModelFile, type NetworkFacts, nodes } from "../../nodes/index.ts";
import { unetFacts } from "./fake-context.ts";
import { wiredValue } from "./wired-values.ts";

/** What predicts ε. */
export type EpsNetwork = (x: Tensor, step: Step, labels: readonly number[]) => Tensor;

export const unlabelled = [10, 10];
export const wanted = [1, 7];
/** What a classifier is to see. */
export const shown = [1, 2];

/** An ε made up of x, the timestep and the label, so that a mistake in any of them shows. */
export const madeUp: EpsNetwork = ({ dims, data }, { modelT }, labels) => ({
  dims,
  data: data.map((value, i) => 0.7 * value + 0.3 * Math.sin(modelT + i * labels[Math.floor(i / 48)])),
});

const dims = [2, 3, 4, 4];
export const x_T = philoxNoise({ seed: 0, dims }).draw(0);

/** Streams of noise by the input of a sampler that takes them, the same as its graph has; `draws` of so many for each sample. */
const streams = ["noise", "again", "draws", "up", "known"];
export const streamOf = (name: string, draws = 1): Noise =>
  philoxNoise({
    seed: 7,
    stream: streams.indexOf(name),
    dims: name === "draws" ? [2 * draws, ...dims.slice(1)] : dims,
  });

const process = { noiseSchedule: "cosine", diffusionSteps: 200 } as const;
export const rows = (timestepRespacing: string): Schedule => schedule({ ...process, timestepRespacing });

interface Sampling {
  readonly network?: EpsNetwork;
  /** A second one, for samplers that go away from it. */
  readonly weak?: EpsNetwork;
  /** In place of both: networks that can be differentiated. */
  readonly models?: Partial<World["models"]>;
  readonly respacing?: string;
  readonly x?: Tensor;
  /** Of the loop. */
  readonly order?: string;
  readonly set?: Readonly<Record<string, unknown>>;
  /** Further tensors by the input that takes them. */
  readonly tensors?: Readonly<Record<string, Tensor>>;
}

/** White in the left half of pictures. */
const leftHalf = { height: 4, width: 4, right: 0.5 };

/** The picture that a library sampler ends with, two samples told different labels; nothing is clipped. */
export function sampled(
  name: SamplerName,
  { network = madeUp, weak, models, respacing = "ddim10", x = x_T, order, set = {}, tensors = {} }: Sampling = {},
): Promise<Tensor> {
  const facts: NetworkFacts = { ...unetFacts, learnSigma: false };
  const unet = async ({ file }: ModelFile) => ({
    key: file,
    facts,
    predict: async (x: Tensor, step: Step, y?: readonly number[]) =>
      ({ out: (file === "weak.pt" ? weak! : network)(x, step, y!), facts: { ...facts, batch: 2 }, step }) as never,
  });
  const library = samplerGraph(name);
  const entering = library.nodes.filter(({ type }) => type === structures.input).map(borderName);
  const isListed = entering.includes("order");
  const graph =
    order === undefined || isListed ? library : setParameter(library, `${library.about.title}.order`, order, nodes);
  const draws = typeof set.count === "number" ? set.count : 1;
  return wiredValue(
    (w) => {
      const model = w.add("guidegraph/load-unet", { file: "unet.pt" }).out("model");
      const own = { noise_schedule: "cosine", diffusion_steps: 200, timestep_respacing: respacing };
      const schedule = w.add("guidegraph/diffusion-schedule", own).out("schedule");
      const labels = w.add("guidegraph/class-labels", { classes: wanted.join() }).out("labels");
      const seen = w.add("guidegraph/class-labels", { classes: shown.join() }, "Shown").out("labels");
      const classifier = w.add("guidegraph/load-classifier", { file: "reader.onnx" }).out("classifier");
      const worse = weak && { weak: w.add("guidegraph/load-unet", { file: "weak.pt" }).out("model") };
      const size = { seed: 7, channels: 3, height: 4, width: 4 };
      const noises = streams.map((name, stream) => {
        const batch = streamOf(name, draws).dims[0];
        return [name, w.add("guidegraph/gaussian-noise", { ...size, batch, stream }).out("noise")] as const;
      });
      const more = Object.entries(tensors).map(([name, values]) => [name, w.tensor(values)] as const);
      const mask = w.add("guidegraph/box-mask", leftHalf).out("image");
      const all = {
        ...{ schedule, x: w.tensor(x, "x"), model, labels, classifier, wanted: seen, clip_denoised: false },
        ...{ ...worse, ...Object.fromEntries(noises), ...(isListed && order && { order }), ...set },
        ...{ mask, ...Object.fromEntries(more) },
      };
      const given = Object.fromEntries(
        Object.entries(all).filter(([name, value]) => entering.includes(name) && value !== undefined),
      );
      const box = w.insert(graph, { name, version: 1 }, given as never);
      return w.add("guidegraph/scale", { tensor: box.out("x") }).out("tensor");
    },
    { models: models ?? { unet } },
  ) as Promise<Tensor>;
}
