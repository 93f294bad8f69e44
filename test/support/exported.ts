/** Small graphs around the networks of `drawn.ts`, as they run, and as onnxruntime runs their exports. */
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { lastValueFrom } from "rxjs";
import { expect } from "vitest";
import type { Pictures, Tensor } from "../../diffusion/index.ts";
import { type Plan, plan, run } from "../../executor/index.ts";
import { type Exported, exportPlan, type GraphInput } from "../../export/index.ts";
import { documentBuilder, type GraphDocument, type InnerBuilder, type Wire } from "../../graphs/document/index.ts";
import { nodes, type Registry } from "../../nodes/index.ts";
import { type OnnxModel, readModel, writeModel } from "../../onnx/index.ts";
import { withKnown } from "../../runtime/index.ts";
import { models, networks, side } from "./drawn.ts";

const nothing = () => Promise.reject(new Error("there is no such file"));
/** No file is at hand. */
const files = {
  images: { load: nothing, features: nothing, facts: nothing },
  tensors: { load: nothing, facts: nothing },
};
/** What a graph is exported with. */
export const surroundings = { networks, ...files, signal: new AbortController().signal };

/** A graph that begins with a network, a schedule of four steps, two labels and their noise. */
export interface Start {
  readonly b: ReturnType<typeof documentBuilder>;
  readonly model: Wire;
  readonly schedule: Wire;
  readonly labels: Wire;
  readonly x: Wire;
  readonly noise: Wire;
}

export function start(classes = "1,2", registry: Registry = nodes): Start {
  const b = documentBuilder(registry);
  const flags = "--num_classes 4 --learn_sigma true";
  const model = b.add("guidegraph/load-unet", { file: "unet.onnx", flags }).out("model");
  const schedule = b.add("guidegraph/diffusion-schedule", { model, timestep_respacing: "4", noise_schedule: "cosine" });
  const labels = b.add("guidegraph/class-labels", { classes }).out("labels");
  const noise = b.add("guidegraph/gaussian-noise", { labels, model, height: side, seed: 5 });
  return { b, model, labels, schedule: schedule.out("schedule"), x: noise.out("x_T"), noise: noise.out("noise") };
}

/** A Sampling Loop of it; `build` draws a step. */
export const loopOf = (from: Start, given: object, build: (inner: InnerBuilder, step: Step) => void, title = "Loop") =>
  from.b.loop(
    title,
    { schedule: from.schedule, x: from.x, model: from.model, labels: from.labels, ...given },
    (inner) =>
      build(inner, {
        ...{ x: inner.input("x", "tensor"), step: inner.input("step", "step"), model: inner.input("model", "model") },
        labels: inner.input("labels", "labels"),
      }),
  );
export type Step = Readonly<Record<"x" | "step" | "model" | "labels", Wire>>;

export function predicted(inner: InnerBuilder, { x, step, model, labels }: Step) {
  const model_output = inner.add("guidegraph/predict", { model, x, step, labels }).out("model_output");
  return inner.add("guidegraph/mean-variance", { model_output, x, step });
}

/** Guidance by the classifier. */
export function condFnOf({ b, labels }: Pick<Start, "b" | "labels">, scale = 3): Wire {
  const classifier = b.add("guidegraph/load-classifier", { file: "judge.onnx" }).out("classifier");
  return b.add("guidegraph/build-cond-fn", { classifier, labels, scale }).out("cond_fn");
}

/** The graph, with what x shows saved. */
export function decoded({ b }: Start, x: Wire, title = "Decode Image"): GraphDocument {
  const images = b.add("guidegraph/decode-image", { x }, title).out("image");
  b.add("guidegraph/save-png", { images: b.add("guidegraph/grid", { images }).out("image") });
  b.add("guidegraph/save-npz", { images });
  return b.document();
}

/** The graph, with a tensor of it saved. */
export const kept = ({ b }: Start, tensor: Wire): GraphDocument => {
  b.add("guidegraph/save-tensor", { tensor });
  return b.document();
};

interface Ran {
  readonly pictures: Uint8Array;
  readonly tensor: Float32Array;
}

export const planned = (document: GraphDocument, registry: Registry = nodes): Promise<Plan> =>
  withKnown({ networks, ...files }, (known) => plan(document, registry, known));

/** What is saved last. */
export async function ran(document: GraphDocument): Promise<Ran> {
  const saved: Pictures[] = [];
  const tensors: Tensor[] = [];
  const outputs = () => ({
    ...{ preview() {}, async png() {}, async measure() {} },
    async npz(pictures: Pictures) {
      saved.push(pictures);
    },
    async tensor(_: string, tensor: Tensor) {
      tensors.push(tensor);
    },
  });
  await lastValueFrom(run(await planned(document), { models, ...files, outputs }), { defaultValue: null });
  return { pictures: saved.at(-1)?.data ?? new Uint8Array(), tensor: tensors.at(-1)?.data ?? new Float32Array() };
}

export const exportOf = async (document: GraphDocument, registry?: Registry): Promise<Exported> =>
  exportPlan(await planned(document, registry), surroundings);

export async function opened(model: OnnxModel): Promise<InferenceSession> {
  const bytes = await writeModel(model);
  expect(
    readModel(bytes)
      .graph.nodes.map(({ domain }) => domain)
      .every((domain) => domain === ""),
  ).toBe(true);
  expect(model.opsets.get("")).toBe(18);
  return InferenceSession.create(bytes, { logSeverityLevel: 3, intraOpNumThreads: 1 });
}

const feedOf = ({ type, atHand: { dims, values } }: GraphInput): OrtTensor => {
  const pieces = [...values()].map((piece) => Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
  const bytes = new Uint8Array(Buffer.concat(pieces));
  const data =
    type === "int64" ? new BigInt64Array(bytes.buffer) : type === "uint8" ? bytes : new Float32Array(bytes.buffer);
  return new OrtTensor(type, data as never, dims);
};
export const feedsOf = ({ inputs }: Exported) => Object.fromEntries(inputs.map((input) => [input.name, feedOf(input)]));

export function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, by: number): void {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < found.length; i++) expect(Math.abs(found[i] - expected[i])).toBeLessThanOrEqual(by);
}

/** A graph without a network: as it runs, and as its export does with numbers of `given` by their names. */
export async function expectTensor(
  exported: Exported,
  expected: GraphDocument,
  given: Readonly<Record<string, number>> = {},
) {
  const numbers = Object.entries(given).map(
    ([name, value]) => [name, new OrtTensor("float32", Float32Array.of(value), [])] as const,
  );
  const feeds = { ...feedsOf(exported), ...Object.fromEntries(numbers) };
  const { tensor } = await (await opened(exported.sampler)).run(feeds);
  expectClose(tensor.data as Float32Array, (await ran(expected)).tensor, 1e-5);
}
