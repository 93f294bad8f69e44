/** What is measured: a UNet and a classifier of the ADM family for a size, with random weights, and a guided step with both. */
import { Tensor as OrtTensor } from "onnxruntime-common";
import { conditionScore, ddimStep, predict, schedule, type Tensor } from "../../diffusion/index.ts";
import { condFnModel, lower, type OnnxModel, type Role, randomValues, writeModel } from "../../onnx/index.ts";
import type { BuiltModel, Provider } from "../../runtime/index.ts";
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
}

export async function subject(flags: NetworkFlags, flavour: Provider["flavour"], fp16: boolean): Promise<Subject> {
  const unet = await writeModel(lower(unetOf(flags, fp16), flavour));
  const gradient = await writeModel(lower(gradientOf(flags), flavour));
  return { unet: inMemory(unet), gradient: inMemory(gradient) };
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
export async function callsOf(
  provider: Provider,
  { unet, gradient }: Subject,
  size: number,
  batch: number,
): Promise<Calls> {
  const sessions = [await provider.createSession(unet), await provider.createSession(gradient)];
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
  const calls = {
    unet: async () => (await sessions[0].run(feeds)).out.data as Float32Array,
    gradient: async () => (await sessions[1].run(guided)).gradient.data as Float32Array,
  };
  return {
    ...calls,
    async step() {
      const out: Tensor = { dims: [batch, 6, size, size], data: await calls.unet() };
      const prediction = predict(out, x, step, { predicts: "eps", learnSigma: true });
      return ddimStep(conditionScore(prediction, { dims, data: await calls.gradient() }), undefined).data;
    },
    close: async () => {
      for (const session of sessions) await session.release();
    },
  };
}
