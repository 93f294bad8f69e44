/** A document of 500 nodes and nearly 900 wires: a sampler unrolled, guided and unguided steps in turn, laid out as a sheet. */
import { type DocumentBuilder, documentBuilder, type GraphDocument, type Wire } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";

const pairs = 25;
const numbers = 44;
const columns = 25;
const [columnWidth, rowHeight] = [320, 300];

export function largeGraph(): GraphDocument {
  const builder = documentBuilder(nodes, { title: "Five hundred" });
  const add = (name: string, given: Parameters<DocumentBuilder["add"]>[1] = {}) =>
    builder.add(`guidegraph/${name}`, given);
  const model = add("load-unet", { file: "shapes32_diffusion.pt" }).out("model");
  const classifier = add("load-classifier", { file: "shapes32_shape_classifier.pt" }).out("classifier");
  const schedule = add("diffusion-schedule", { model }).out("schedule");
  const labels = add("class-labels", { classes: "3", classifier }).out("labels");
  const condFn = add("build-cond-fn", { classifier, labels, scale: 22 }).out("cond_fn");
  let x = add("gaussian-noise", { labels, model }).out("x_T");
  const show = (shown: Wire) => add("preview", { images: add("decode-image", { x: shown }).out("image") });

  for (let i = 0; i < pairs; i++) {
    const early = add("schedule-step", { schedule, index: 2 * i }).out("step");
    const predicted = add("mean-variance", {
      model_output: add("predict", { model, x, step: early }).out("model_output"),
      x,
      step: early,
    });
    const pushed = add("scale", { tensor: add("normalise", { tensor: predicted.out("mean") }).out("tensor") });
    x = add("ddim-step", { prediction: predicted.out("prediction"), x, step: early }).out("x");
    add("grid", { images: add("decode-image", { x: pushed.out("tensor") }).out("image") });
    show(x);

    const late = add("schedule-step", { schedule, index: 2 * i + 1 }).out("step");
    const prediction = add("condition-score", {
      prediction: add("mean-variance", {
        model_output: add("predict", { model, x, step: late }).out("model_output"),
        x,
        step: late,
      }).out("prediction"),
      gradient: add("guidance-gradient", { cond_fn: condFn, x, step: late }).out("gradient"),
      x,
      step: late,
    }).out("prediction");
    x = add("ddim-step", { prediction, x, step: late }).out("x");
    show(x);
  }
  for (let i = 0; i < numbers; i++) add("number", { value: i });
  const document = builder.document();
  return {
    ...document,
    nodes: document.nodes.map((node, i) => ({
      ...node,
      pos: [(i % columns) * columnWidth, Math.floor(i / columns) * rowHeight] as const,
    })),
  };
}
