/** The demo classifier as other people would export it: the pictures that it guides are the same. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { documentBuilder, type GraphDocument } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import {
  buildAdm,
  bytesSource,
  type GraphBuilder,
  graphBuilder,
  type OnnxModel,
  readCheckpoint,
  recognise,
  type Value,
  writeModel,
} from "../../onnx/index.ts";
import { bundled } from "../support/bad-input.ts";
import { temporaryFolder } from "../support/cli.ts";
import { runDocument, testEngine } from "../support/run-document.ts";

const name = "shapes32_shape_classifier.pt";
const folder = temporaryFolder();

/** Two pictures by three steps of guided DDIM. */
function guided(file: string, scale = 4): GraphDocument {
  const b = documentBuilder(nodes);
  const model = b.add("guidegraph/load-unet", { file: "shapes32_diffusion.pt" }).out("model");
  const schedule = b.add("guidegraph/diffusion-schedule", { model, timestep_respacing: "ddim3" }).out("schedule");
  const labels = b.add("guidegraph/class-labels", { classes: "3,7" }).out("labels");
  const noise = b.add("guidegraph/gaussian-noise", { labels, model, seed: 5, generator: "philox" });
  const classifier = b.add("guidegraph/load-classifier", { file }).out("classifier");
  const cond_fn = b.add("guidegraph/build-cond-fn", { classifier, labels, scale }).out("cond_fn");
  const loop = b.loop("DDIM", { schedule, x: noise.out("x_T"), model, cond_fn }, (inner) => {
    const [step, x, model] = [inner.input("step", "step"), inner.input("x", "tensor"), inner.input("model", "model")];
    const model_output = inner.add("guidegraph/predict", { model, x, step }).out("model_output");
    const before = inner.add("guidegraph/mean-variance", { model_output, x, step }).out("prediction");
    const gradient = inner.add("guidegraph/guidance-gradient", { cond_fn: inner.input("cond_fn", "cond_fn"), x, step });
    const guided = inner.add("guidegraph/condition-score", { prediction: before, gradient: gradient.out("gradient") });
    const next = inner.add("guidegraph/ddim-step", { prediction: guided.out("prediction"), eta: 0 });
    inner.output("x", "tensor", next.out("x"));
  });
  b.add("guidegraph/save-npz", { images: b.add("guidegraph/decode-image", { x: loop.out("x") }).out("image") });
  return b.document();
}

interface Wrapping {
  readonly x: readonly (number | string)[];
  readonly t: readonly (number | string)[];
  readonly out: readonly (number | string)[];
  readonly front: (op: GraphBuilder, x: Value, t: Value) => readonly [x: Value, t: Value];
  readonly behind: (op: GraphBuilder, logits: Value) => Value;
  readonly bytes?: boolean;
}

const plain: Wrapping = {
  x: ["N", 3, 32, 32],
  t: ["N"],
  out: ["N", 10],
  front: (_, x, t) => [x, t],
  behind: (_, logits) => logits,
};
const nhwc: Wrapping["front"] = (op, x, t) => [op.Transpose(x, { perm: [0, 3, 1, 2] }), t];
const softmaxed: Wrapping["behind"] = (op, z) => op.Softmax(z, { axis: 1 });

const wrappings: Record<string, Wrapping> = {
  "as it is": plain,
  "N×H×W×C": { ...plain, x: ["N", 32, 32, 3], front: nhwc },
  softmaxed: { ...plain, behind: softmaxed },
  "of one picture at a time": { ...plain, x: [1, 3, 32, 32], t: [1], out: [1, 10] },
  "of bytes": {
    ...plain,
    bytes: true,
    front: (op, x, t) => [op.Sub(op.Div(op.Cast(x, { to: "float32" }), 127.5), 1), t],
  },
  "N×H×W×C, one at a time, t N×1, softmaxed to N×K×1×1": {
    x: [1, 32, 32, 3],
    t: [1, 1],
    out: [1, 10, 1, 1],
    front: (op, x, t) => [nhwc(op, x, t)[0], op.Reshape(t, op.int64([-1]))],
    behind: (op, z) => op.Unsqueeze(softmaxed(op, z), op.int64([2, 3])),
  },
};

/** The network behind another border. */
function wrapped({ graph, opsets }: OnnxModel, { x, t, out, front, behind, bytes = false }: Wrapping): OnnxModel {
  const op = graphBuilder("border/");
  const ends = front(op, op.input("picture", bytes ? "uint8" : "float32", x), op.input("time", "float32", t));
  op.nodes.push(
    ...["x", "t"].map((name, i) => ({
      op: "Identity",
      domain: "",
      name: `border/${name}`,
      inputs: [ends[i]],
      outputs: [name],
      attributes: {},
      floats: new Set<string>(),
    })),
    ...graph.nodes,
  );
  op.output("answer", behind(op, "logits"), "float32", out);
  const { nodes, inputs, outputs, initializers } = op.graph("wrapped");
  const all = new Map([...graph.initializers, ...initializers]);
  return { graph: { name: "wrapped", nodes, inputs, outputs, initializers: all }, opsets, metadata: new Map() };
}

const samples = async (file: string): Promise<Uint8Array> => {
  const { files } = await runDocument(guided(file), testEngine([], [folder]));
  return [...files.values()][0];
};

const expected = samples(name);

test.each(Object.entries(wrappings))("a classifier %s guides to the same pictures", async (title, wrapping) => {
  const state = await readCheckpoint(bytesSource(name, bundled(name)));
  const card = JSON.parse(
    readFileSync(new URL(`../../models/${name.replace(".pt", ".json")}`, import.meta.url), "utf8"),
  );
  const model = buildAdm(state, recognise(state, "classifier", {}, { card, defaults: undefined, name }));
  const file = `${title.replace(/\W+/g, "-")}.onnx`;
  writeFileSync(join(folder, file), await writeModel(wrapped(model, wrapping)));
  expect(Buffer.compare(await samples(file), await expected)).toBe(0);
});
