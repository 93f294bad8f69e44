/** Every sampler of the library stands by itself: inserted beside the demo's networks, its parameters left alone, it can be run. */
import { expect, test } from "vitest";
import { plan } from "../../executor/index.ts";
import {
  borderName,
  documentBuilder,
  type Given,
  type GraphNode,
  structures,
  type Wire,
} from "../../graphs/document/index.ts";
import { samplerGraph, samplerNames, samplerVersion } from "../../graphs/recipes/index.ts";
import { nodes } from "../../nodes/index.ts";
import { withKnown } from "../../runtime/index.ts";
import { testEngine } from "../support/run-document.ts";

const engine = testEngine();
const batch = 2;
/** What the demo's network does not read. */
const others = ["low_res", "condition"];

test.each(samplerNames)("%s", async (name) => {
  const b = documentBuilder(nodes);
  const model = b.add("guidegraph/load-unet", { file: "shapes32_diffusion.pt" }).out("model");
  const weak = () => b.add("guidegraph/load-unet", { file: "shapes32_weak.pt" }, "Weak").out("model");
  const schedule = b.add("guidegraph/diffusion-schedule", { model, timestep_respacing: "ddim25" }).out("schedule");
  // What is no noise.
  const madeOf: Readonly<Record<string, (x: Wire) => Wire>> = {
    "dps-super-resolution y": (x) => b.add("guidegraph/average-pool", { tensor: x, factor: 4 }).out("tensor"),
    "ddim-inversion x": (x) => b.add("guidegraph/scale", { tensor: x, scale: 0.5 }).out("tensor"),
  };
  const noise = (stream: number, size: number) => b.add("guidegraph/gaussian-noise", { model, batch: size, stream });
  const x = noise(0, batch).out("x_T");
  const labels = once(() => b.add("guidegraph/class-labels", { classes: "3,4" }).out("labels"));
  // Only what the sampler asks for is there: of anything else it is told that nobody needs it.
  const byKind: Readonly<Record<string, () => Wire>> = {
    ...{ labels, schedule: () => schedule, image: () => b.add("guidegraph/box-mask", { model }).out("image") },
    classifier: () => {
      const reader = { file: "shapes32_reader.onnx", flags: "--logits shape" };
      return b.add("guidegraph/load-classifier", reader).out("classifier");
    },
    cond_fn: () => {
      const knowing = b.add("guidegraph/load-classifier", { file: "shapes32_shape_classifier.pt" }, "Guide");
      const given = { classifier: knowing.out("classifier"), labels: labels() };
      return b.add("guidegraph/build-cond-fn", given).out("cond_fn");
    },
  };

  const inner = samplerGraph(name);
  const given: Record<string, Wire> = {};
  const entering = inner.nodes.filter(({ type }) => type === structures.input);
  for (const [i, node] of entering.entries()) {
    const [input, kind] = [borderName(node), kindOf(node)];
    if (others.includes(input)) continue;
    if (kind === "model") given[input] = input === "weak" ? weak() : model;
    else if (kind === "tensor") given[input] = madeOf[`${name} ${input}`]?.(x) ?? x;
    else if (kind === "noise") given[input] = noise(i, drawsOf(name, input) * batch).out("noise");
    else if (byKind[kind]) given[input] = byKind[kind]();
  }
  const sampled = b.insert(inner, { name, version: samplerVersion }, given as Given).out("x");
  b.add("guidegraph/save-npz", { images: b.add("guidegraph/decode-image", { x: sampled }).out("image") });
  const { notes } = await withKnown(engine, (known) => plan(b.document(), nodes, known));
  expect(notes).toEqual([]);
});

function once(make: () => Wire): () => Wire {
  let made: Wire | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

const kindOf = ({ properties }: GraphNode): string => String(properties.kind);
/** LGD-MC draws four times of each sample. */
const drawsOf = (name: string, input: string): number => (name === "lgd-mc-ddim" && input === "draws" ? 4 : 1);
