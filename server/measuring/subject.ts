/** What is measured: a UNet and a classifier of the ADM family for a size, with random weights, and a guided step with both. */
import { type InferenceSession, Tensor as OrtTensor } from "onnxruntime-common";
import { conditionScore, ddimStep, predict, schedule, type Tensor } from "../../diffusion/index.ts";
import { compose, condFnModel, lower, type OnnxModel, type Role, randomValues, writeModel } from "../../onnx/index.ts";
import { type BuiltModel, type Provider, type SideBySide, sideBySideOf } from "../../runtime/index.ts";
import { randomNetwork } from "../providers/trial.ts";

/** 64 channels and two blocks a level: a network that a person would train, and a processor computes in seconds. */
export const usualFlags = (size: number): NetworkFlags => ({
  unet: `--image_size ${size} --num_channels 64 --num_res_blocks 2 --channel_mult ${multiples(size)} --attention_resolutions 16,8 --num_head_channels 32 --resblock_updown True --learn_sigma True`,
  classifier: `--image_size ${size} --classifier_width 32 --classifier_depth 2 --classifier_channel_mult ${multiples(size)} --classifier_attention_resolutions 16,8 --classifier_num_head_channels 32 --classifier_pool attention --num_classes 10`,
});
const multiples = (size: number): string => (size <= 32 ? "1,2,2" : size <= 64 ? "1,2,3,4" : "1,1,2,3,4");

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

/** The UNet alone. */
export const unetFor = async (flags: NetworkFlags, { flavour }: Pick<Provider, "flavour">, fp16: boolean) =>
  inMemory(await writeModel(lower(unetOf(flags, fp16), flavour)));

export async function subject(
  flags: NetworkFlags,
  { flavour, joins }: Pick<Provider, "flavour" | "joins">,
  fp16: boolean,
): Promise<Subject> {
  const built = async (model: OnnxModel) => inMemory(await writeModel(lower(model, flavour)));
  const [unet, gradient] = [unetOf(flags, fp16), gradientOf(flags)];
  const joint = async (): Promise<Joint> => {
    const networks = new Map(Object.entries({ unet, gradient }));
    const parts = [...networks].map(([network, { graph }]) => ({
      ...{ network, inputs: graph.inputs, x: "x", t: "t" },
      output: network === "unet" ? "out" : "gradient",
    }));
    const { graph, calls, inputs, outputs } = sideBySideOf(parts);
    return { model: await built(compose(graph, calls, networks)), inputs, outputs };
  };
  return {
    unet: await built(unet),
    gradient: await built(gradient),
    ...(joins && { joint: await joint() }),
  };
}

/** The same in standard operators alone, for other runtimes, by name: "unet-32-float16". Built when it is asked for. */
export function graphsOf(size: number, flags: NetworkFlags): ReadonlyMap<string, () => Promise<Uint8Array>> {
  const portable = (model: OnnxModel) => writeModel(lower(model, "portable"));
  return new Map([
    [`unet-${size}-float32`, () => portable(unetOf(flags, false))],
    [`unet-${size}-float16`, () => portable(unetOf(flags, true))],
    [`gradient-${size}-float32`, () => portable(gradientOf(flags))],
  ]);
}

const unetOf = ({ unet }: NetworkFlags, fp16: boolean): OnnxModel => randomNetwork("unet", unet).build({ fp16 });
const gradientOf = ({ classifier }: NetworkFlags): OnnxModel =>
  condFnModel(randomNetwork("classifier", classifier).build({ fp16: false }), { x: "x", t: "t", logits: "logits" });

const inMemory = (model: Uint8Array): BuiltModel => ({ bytes: model.length, model, external: [] });

const step = schedule({ noiseSchedule: "cosine", timestepRespacing: "ddim25" }).at(12);

export interface Calls {
  unet(): Promise<Float32Array>;
  gradient(): Promise<Float32Array>;
  /** Both, and a step of DDIM with the moved score. */
  step(): Promise<unknown>;
  close(): Promise<void>;
}

/** Sessions of both networks, for batches of so many pictures. */
export async function callsOf(provider: Provider, subject: Subject, size: number, batch: number): Promise<Calls> {
  const { feeds, guided, next } = given(size, batch);
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
  size: number,
  batch: number,
): Promise<Pick<Calls, "step" | "close"> | undefined> {
  if (!joint) return undefined;
  const session = await provider.createSession(joint.model);
  const { feeds, guided, next } = given(size, batch);
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
export async function firstAnswer(provider: Provider, unet: BuiltModel, size: number): Promise<Float32Array> {
  const session = await provider.createSession(unet);
  try {
    return Float32Array.from((await session.run(given(size, 1).feeds)).out.data as Float32Array);
  } finally {
    await closed([session]);
  }
}

/** What was measured stands, whatever becomes of its sessions. */
async function closed(sessions: readonly InferenceSession[]): Promise<void> {
  for (const session of sessions) await session.release().catch(() => {});
}

/** What both are fed, and the step that their answers make. */
function given(size: number, batch: number) {
  const dims = [batch, 3, size, size];
  const x: Tensor = { dims, data: randomValues("x", dims, 1, 2) };
  const feeds = {
    x: new OrtTensor("float32", x.data, dims),
    t: new OrtTensor("float32", new Float32Array(batch).fill(step.modelT), [batch]),
  };
  const guided = {
    ...feeds,
    labels: new OrtTensor("int64", new BigInt64Array(batch).fill(3n), [batch]),
    scale: new OrtTensor("float32", Float32Array.of(2), []),
  };
  const next = (out: Float32Array, slope: Float32Array) => {
    const output: Tensor = { dims: [batch, 6, size, size], data: out };
    const prediction = predict(output, x, step, { predicts: "eps", learnSigma: true });
    return ddimStep(conditionScore(prediction, { dims, data: slope }), undefined).data;
  };
  return { feeds, guided, next };
}
