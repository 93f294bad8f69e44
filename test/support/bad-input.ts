/** Files that are wrong in one way each, for the command line to refuse. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { documentBuilder, type GraphDocument, writeDocument } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { type GraphBuilder, graphBuilder, type Role, type Value, writeModel } from "../../onnx/index.ts";

/** litegraph's form, loosely: tests break it on purpose. */
export interface Serialised {
  nodes: {
    id: number;
    type: string;
    title?: string;
    properties: Record<string, unknown>;
    inputs?: { name: string; type: string; link: number | null }[];
    outputs?: { name: string; type: string; links: number[] | null }[];
  }[];
  links: [number, number, number, number, number, string][];
  [key: string]: unknown;
}

export const serialised = (document: GraphDocument): Serialised =>
  JSON.parse(JSON.stringify(writeDocument(document))) as Serialised;

interface TinyGraph {
  readonly unet?: Readonly<Record<string, string>>;
  readonly classifier?: Readonly<Record<string, string>>;
  readonly classes?: string;
  readonly respacing?: string;
}

/** Guided DDIM on the bundled networks, four steps, saved as PNG and NPZ; small enough for every test. */
export function tinyGraph({
  unet = { file: "shapes32_diffusion.pt" },
  classifier = { file: "shapes32_shape_classifier.pt" },
  classes = "3",
  respacing = "ddim4",
}: TinyGraph = {}): GraphDocument {
  const b = documentBuilder(nodes, { title: "Tiny" });
  const model = b.add("guidegraph/load-unet", unet).out("model");
  const judge = b.add("guidegraph/load-classifier", classifier).out("classifier");
  const schedule = b.add("guidegraph/diffusion-schedule", { model, timestep_respacing: respacing }).out("schedule");
  const labels = b.add("guidegraph/class-labels", { classes }, "Wanted shape").out("labels");
  const noise = b.add("guidegraph/gaussian-noise", { labels, model }, "Noise");
  const cond_fn = b.add("guidegraph/build-cond-fn", { classifier: judge, labels, scale: 8 }).out("cond_fn");
  const loop = b.loop("DDIM", { schedule, x: noise.out("x_T"), model, cond_fn }, (inner) => {
    const [step, x] = [inner.input("step", "step"), inner.input("x", "tensor")];
    const [model, cond_fn] = [inner.input("model", "model"), inner.input("cond_fn", "cond_fn")];
    const model_output = inner.add("guidegraph/predict", { model, x, step }).out("model_output");
    const before = inner.add("guidegraph/mean-variance", { model_output, x, step }).out("prediction");
    const gradient = inner.add("guidegraph/guidance-gradient", { cond_fn, x, step }).out("gradient");
    const prediction = inner.add("guidegraph/condition-score", { prediction: before, gradient }).out("prediction");
    inner.output("x", "tensor", inner.add("guidegraph/ddim-step", { prediction, eta: 0 }).out("x"));
  });
  const images = b.add("guidegraph/decode-image", { x: loop.out("x") }).out("image");
  b.add("guidegraph/save-png", { images, name: "tiny" });
  b.add("guidegraph/save-npz", { images, labels });
  return b.document();
}

/** Writes a graph and gives its path. */
export function graphFile(folder: string, graph: Serialised | GraphDocument, name = "graph.json"): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    JSON.stringify(
      "links" in graph && Array.isArray((graph as Serialised).links[0]) ? graph : serialised(graph as GraphDocument),
    ),
  );
  return path;
}

/** An ONNX UNet (`out` of x and t) or classifier (`logits`) made of what `build` says. */
export async function onnxFile(
  path: string,
  role: Role,
  build: (op: GraphBuilder, x: Value, t: Value) => Value,
): Promise<void> {
  const op = graphBuilder();
  const x = op.input("x", "float32", ["N", 3, 32, 32]);
  const value = build(op, x, op.input("t", "float32", ["N"]));
  if (role === "unet") op.output("out", value, "float32", ["N", 3, 32, 32]);
  else op.output("logits", value, "float32", ["N", 10]);
  writeFileSync(path, await writeModel(op.model("test")));
}

/** A pickle stream of protocol 2 that calls `os.system("touch …")`, as a legacy checkpoint would begin. */
export const hostilePickle = (marker: string): Uint8Array =>
  Buffer.concat([
    Buffer.from([0x80, 2]),
    Buffer.from("cposix\nsystem\n"),
    Buffer.from([0x58]),
    (() => {
      const text = Buffer.from(`touch ${marker}`);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(text.length);
      return Buffer.concat([length, text]);
    })(),
    Buffer.from([0x85, 0x52, 0x2e]),
  ]);

export const bundled = (name: string): Buffer => readFileSync(new URL(`../../models/${name}`, import.meta.url));
