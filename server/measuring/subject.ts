/** What is measured: a UNet and a classifier of the ADM family for a size, with random weights, and a guided step with both. */
import { type InferenceSession, Tensor as OrtTensor } from "onnxruntime-common";
import { conditionScore, ddimStep, predict, schedule, type Tensor } from "../../diffusion/index.ts";
import {
  compose,
  condFnModel,
  formatModelFlags,
  lower,
  type OnnxModel,
  parseModelFlags,
  presets,
  type Role,
  randomValues,
} from "../../onnx/index.ts";
import {
  type BuiltModel,
  type BuiltModels,
  type Provider,
  type SideBySide,
  sideBySideOf,
} from "../../runtime/index.ts";
import { randomNetwork } from "../providers/trial.ts";

/** 64 channels and two blocks a level: a network that a person would train, and a processor computes in seconds. */
export const usualFlags = (size: number): NetworkFlags => ({
  unet: `--image_size ${size} --num_channels 64 --num_res_blocks 2 --channel_mult ${multiples(size)} --attention_resolutions 16,8 --num_head_channels 32 --resblock_updown True --learn_sigma True`,
  classifier: `--image_size ${size} --classifier_width 32 --classifier_depth 2 --classifier_channel_mult ${multiples(size)} --classifier_attention_resolutions 16,8 --classifier_num_head_channels 32 --classifier_pool attention --num_classes 10`,
});
const multiples = (size: number): string => (size <= 32 ? "1,2,2" : size <= 64 ? "1,2,3,4" : "1,1,2,3,4");

/** Sizes of pictures for which a UNet and a classifier were released. */
export const releasedSizes = [64, 128, 256, 512] as const;

/** Of `64x64_diffusion` and `64x64_classifier`, and so on. */
export function releasedFlags(size: number): NetworkFlags {
  const flagsOf = (name: string) => {
    const preset = presets.find(({ names }) => names.includes(`${size}x${size}_${name}`));
    if (!preset) throw new Error(`No networks were released for pictures of ${size}×${size}`);
    return formatModelFlags(preset.flags);
  };
  return { unet: flagsOf("diffusion"), classifier: flagsOf("classifier") };
}

/** As on the reference's command line. */
export type NetworkFlags = Readonly<Record<Role, string>>;

export interface Subject {
  readonly unet: BuiltModel;
  readonly gradient: BuiltModel;
  /** Both side by side, as a run has them where the device gains by it. */
  readonly joint?: Joint;
}

interface Joint extends Pick<SideBySide, "inputs" | "outputs"> {
  readonly model: BuiltModel;
}

type Asked = Pick<Provider, "flavour" | "joins">;

/** Networks for pictures of a size. What was built once is not built again. */
export function subjects(size: number, flags: NetworkFlags, models: BuiltModels) {
  const kept = (what: string, { flavour }: Pick<Asked, "flavour">, fp16: boolean, model: () => OnnxModel) =>
    models.get(`${what}-${size}-${flavour}${fp16 ? "-float16" : ""}-${models.builder}`, () => lower(model(), flavour));
  const unet = (asked: Pick<Asked, "flavour">, fp16: boolean) => kept("unet", asked, fp16, () => unetOf(flags, fp16));
  const joint = async (asked: Asked, fp16: boolean): Promise<Joint> => {
    const networks = new Map(Object.entries({ unet: unetOf(flags, fp16), gradient: gradientOf(flags) }));
    const parts = [...networks].map(([network, { graph }]) => ({
      ...{ network, inputs: graph.inputs, x: "x", t: "t" },
      output: network === "unet" ? "out" : "gradient",
    }));
    const { graph, calls, inputs, outputs } = sideBySideOf(parts);
    return { model: await kept("joint", asked, fp16, () => compose(graph, calls, networks)), inputs, outputs };
  };
  return {
    /** Whether the UNet is told the class as well. */
    labelled: parseModelFlags(flags.unet).class_cond === true,
    unet,
    both: async (asked: Asked, fp16: boolean): Promise<Subject> => ({
      unet: await unet(asked, fp16),
      gradient: await kept("gradient", asked, false, () => gradientOf(flags)),
      ...(asked.joins && { joint: await joint(asked, fp16) }),
    }),
  };
}

/** The same in standard operators alone, for other runtimes, by name: "unet-32-float16". Built when it is asked for. */
export function graphsOf(size: number, flags: NetworkFlags): ReadonlyMap<string, () => OnnxModel> {
  const portable = (model: OnnxModel) => lower(model, "portable");
  return new Map([
    [`unet-${size}-float32`, () => portable(unetOf(flags, false))],
    [`unet-${size}-float16`, () => portable(unetOf(flags, true))],
    [`gradient-${size}-float32`, () => portable(gradientOf(flags))],
  ]);
}

const unetOf = ({ unet }: NetworkFlags, fp16: boolean): OnnxModel => randomNetwork("unet", unet).build({ fp16 });
const gradientOf = ({ classifier }: NetworkFlags): OnnxModel =>
  condFnModel(randomNetwork("classifier", classifier).build({ fp16: false }), { x: "x", t: "t", logits: "logits" });

const step = schedule({ noiseSchedule: "cosine", timestepRespacing: "ddim25" }).at(12);

/** What a call is for: so many pictures of a size, of a class for each where the UNet is told it. */
export interface Pictures {
  readonly size: number;
  readonly batch: number;
  readonly labelled: boolean;
}

export interface Calls {
  unet(): Promise<Float32Array>;
  gradient(): Promise<Float32Array>;
  /** Both, and a step of DDIM with the moved score. */
  step(): Promise<unknown>;
  close(): Promise<void>;
}

/** Sessions of both networks. */
export async function callsOf(provider: Provider, subject: Subject, pictures: Pictures): Promise<Calls> {
  const { feeds, guided, next } = given(pictures);
  const opened: InferenceSession[] = [];
  const close = () => closed(opened);
  try {
    for (const model of [subject.unet, subject.gradient]) opened.push(await provider.createSession(model));
  } catch (error) {
    await close();
    throw error;
  }
  const [unet, gradient] = opened;
  const calls = {
    unet: async () => (await unet.run(feeds)).out.data as Float32Array,
    gradient: async () => (await gradient.run(guided)).gradient.data as Float32Array,
  };
  return { ...calls, step: async () => next(await calls.unet(), await calls.gradient()), close };
}

/** The same step with both networks in one session; undefined where a run has them in one each. */
export async function jointCallOf(
  provider: Provider,
  { joint }: Subject,
  pictures: Pictures,
): Promise<Pick<Calls, "step" | "close"> | undefined> {
  if (!joint) return undefined;
  const session = await provider.createSession(joint.model);
  const { feeds, guided, next } = given(pictures);
  const named = [feeds, guided].flatMap((own, i) =>
    Object.entries(own).map(([name, feed]) => [joint.inputs[i].get(name)!, feed] as const),
  );
  const fed = Object.fromEntries(named);
  return {
    async step() {
      const answers = await session.run(fed);
      const [out, slope] = joint.outputs.map((name) => answers[name].data as Float32Array);
      return next(out, slope);
    },
    close: () => closed([session]),
  };
}

/** One answer of the UNet, by a session that holds nothing else. */
export async function firstAnswer(
  provider: Provider,
  unet: BuiltModel,
  picture: Omit<Pictures, "batch">,
): Promise<Float32Array> {
  const session = await provider.createSession(unet);
  try {
    return Float32Array.from((await session.run(given({ ...picture, batch: 1 }).feeds)).out.data as Float32Array);
  } finally {
    await closed([session]);
  }
}

/** What was measured stands, whatever becomes of its sessions. */
async function closed(sessions: readonly InferenceSession[]): Promise<void> {
  for (const session of sessions) await session.release().catch(() => {});
}

/** What both are fed, and the step that their answers make. */
function given({ size, batch, labelled }: Pictures) {
  const dims = [batch, 3, size, size];
  const x: Tensor = { dims, data: randomValues("x", dims, 1, 2) };
  const both = {
    x: new OrtTensor("float32", x.data, dims),
    t: new OrtTensor("float32", new Float32Array(batch).fill(step.modelT), [batch]),
  };
  const labels = new OrtTensor("int64", new BigInt64Array(batch).fill(3n), [batch]);
  const next = (out: Float32Array, slope: Float32Array) => {
    const output: Tensor = { dims: [batch, 6, size, size], data: out };
    const prediction = predict(output, x, step, { predicts: "eps", learnSigma: true });
    return ddimStep(conditionScore(prediction, { dims, data: slope }), undefined).data;
  };
  return {
    feeds: { ...both, ...(labelled && { y: labels }) },
    guided: { ...both, labels, scale: new OrtTensor("float32", Float32Array.of(2), []) },
    next,
  };
}
