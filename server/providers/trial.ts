/** Three tiny networks with random weights, a forward pass, two gradients and one guided step with them: what every device must get right. */
import { Tensor as OrtTensor } from "onnxruntime-common";
import { conditionScore, ddimStep, predict, schedule, type Tensor } from "../../diffusion/index.ts";
import {
  type AdmNetwork,
  buildAdm,
  condFnModel,
  gradientModel,
  lower,
  type OnnxModel,
  parseModelFlags,
  type Role,
  randomValues,
  randomWeights,
  recognise,
  shapesOf,
  structureFromFlags,
  writeModel,
} from "../../onnx/index.ts";
import type { Provider } from "../../runtime/index.ts";

/**
 * Every operator of an ADM network is in them: norms, attention, both resamplings, the attention pool. The upsampler takes six channels, x
 * beside what is enlarged, and gives six, a mean beside a variance: a convolution of them was wrong where those of three were right.
 */
export const tinyFlags = {
  unet: "--image_size 8 --num_channels 32 --num_res_blocks 1 --channel_mult 1,2 --attention_resolutions 4 --num_heads 2 --resblock_updown True --learn_sigma True",
  classifier:
    "--image_size 8 --classifier_width 32 --classifier_depth 1 --classifier_channel_mult 1,2 --classifier_attention_resolutions 4 --classifier_num_head_channels 16 --classifier_pool attention --num_classes 5",
} as const satisfies Record<Role, string>;
const upsampler =
  "--large_size 8 --small_size 4 --num_channels 32 --num_res_blocks 1 --channel_mult 1 --attention_resolutions 1 --num_heads 1 --learn_sigma True";
const dims = [2, 3, 8, 8];
const labels = [1, 4];
const guidance = 2;
const step = schedule({ noiseSchedule: "linear", timestepRespacing: "ddim10" }).at(5);
const x: Tensor = { dims, data: randomValues("x", dims, 1, 2) };

/** A network of the family whose weights nobody has trained. */
export function randomNetwork(role: Role, typed: string): { readonly network: AdmNetwork; readonly build: Build } {
  const given = parseModelFlags(typed);
  const weights = randomWeights(shapesOf(structureFromFlags(role, given)));
  const network = recognise(weights, role, given);
  return { network, build: (options) => buildAdm(weights, network, options) };
}
type Build = (options: { readonly fp16: boolean }) => OnnxModel;

/** A model of the trial, and what goes in. */
export interface Trial {
  readonly model: OnnxModel;
  readonly feeds: Readonly<Record<string, OrtTensor>>;
  readonly output: string;
}

const feeds = {
  x: new OrtTensor("float32", x.data, dims),
  t: new OrtTensor(
    "float32",
    Float32Array.from(labels, () => step.modelT),
    [labels.length],
  ),
};

/** Several devices of a process try the same graphs. */
const lowered = new Map<string, OnnxModel>();
function loweredOnce(what: string, flavour: Provider["flavour"], build: () => OnnxModel): OnnxModel {
  const key = `${what} ${flavour}`;
  const model = lowered.get(key) ?? lower(build(), flavour);
  lowered.set(key, model);
  return model;
}

/** The UNet's forward pass; lowered for a provider. */
export const forwardTrial = ({ flavour }: Pick<Provider, "flavour">, fp16 = false): Trial => ({
  model: loweredOnce(`forward ${fp16}`, flavour, () => randomNetwork("unet", tinyFlags.unet).build({ fp16 })),
  feeds,
  output: "out",
});

/** The gradient of the classifier's log probabilities. */
export const gradientTrial = ({ flavour }: Pick<Provider, "flavour">): Trial => ({
  model: loweredOnce("gradient", flavour, () => {
    const classifier = randomNetwork("classifier", tinyFlags.classifier).build({ fp16: false });
    return condFnModel(classifier, { x: "x", t: "t", logits: "logits" });
  }),
  feeds: {
    ...feeds,
    labels: new OrtTensor("int64", BigInt64Array.from(labels, BigInt), [labels.length]),
    scale: new OrtTensor("float32", Float32Array.of(guidance), []),
  },
  output: "gradient",
});

/** The gradient through an upsampler with a learned variance, from a random one of all that it gives. */
export const throughTrial = ({ flavour }: Pick<Provider, "flavour">): Trial => ({
  model: loweredOnce("through", flavour, () => {
    const unet = randomNetwork("unet", upsampler).build({ fp16: false });
    return gradientModel(unet, { of: "out", wrt: "x" });
  }),
  feeds: { ...feeds, low_res: random("low_res", [2, 3, 4, 4]), d_out: random("d_out", [2, 6, 8, 8]) },
  output: "d_x",
});

const random = (name: string, dims: readonly number[]): OrtTensor =>
  new OrtTensor("float32", randomValues(name, dims, 1, 2), dims);

/** What a provider answers. Throws what its runtime throws. */
export async function answerOf(provider: Pick<Provider, "createSession">, { model, feeds, output }: Trial) {
  const bytes = await writeModel(model);
  const session = await provider.createSession({ bytes: bytes.length, model: bytes, external: [] });
  try {
    const { [output]: answer } = await session.run(feeds, [output]);
    return Float32Array.from(answer.data as Float32Array);
  } finally {
    await session.release();
  }
}

/** A step of guided DDIM from what the two answered. */
export function guidedStep(forward: Float32Array, gradient: Float32Array): Float32Array {
  const out: Tensor = { dims: [dims[0], 2 * dims[1], dims[2], dims[3]], data: forward };
  const prediction = predict(out, x, step, { predicts: "eps", learnSigma: true });
  return ddimStep(conditionScore(prediction, { dims, data: gradient }), undefined).data;
}

/** |a − b| / |b|; infinite where they are of different lengths, or one holds what is no number. */
export function relativeError(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let [difference, size] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    size += b[i] ** 2;
  }
  const error = Math.sqrt(difference / (size || 1));
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}

/** All numbers of the trial, by a provider that is right. */
export async function numbersOf(provider: Provider) {
  const forward = await answerOf(provider, forwardTrial(provider));
  const gradient = await answerOf(provider, gradientTrial(provider));
  const through = await answerOf(provider, throughTrial(provider));
  return { forward, gradient, through, step: guidedStep(forward, gradient) };
}
