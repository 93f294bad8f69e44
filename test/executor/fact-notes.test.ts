/** What nodes say before a run of what enters them: logits that look like embeddings. */
import { afterAll, expect, test } from "vitest";
import { plan } from "../../executor/index.ts";
import { documentBuilder } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { graphBuilder, writeModel } from "../../onnx/index.ts";
import { withKnown } from "../../runtime/index.ts";
import { fakeKnown } from "../support/fake-context.ts";
import { memoryNetworks } from "../support/memory-networks.ts";

async function fileOf(outputs: readonly string[]): Promise<Uint8Array> {
  const op = graphBuilder();
  const mean = op.ReduceMean(op.input("x", "float32", ["N", 3, 4, 4]), op.int64([2, 3]), { keepdims: 0 });
  for (const name of outputs) op.output(name, op.Mul(mean, 2), "float32", ["N", 3]);
  return writeModel(op.model("m"));
}

const networks = memoryNetworks(
  new Map([
    ["judge.onnx", await fileOf(["logits"])],
    ["clip.onnx", await fileOf(["image_embeds"])],
    ["both.onnx", await fileOf(["logits", "features"])],
  ]),
);
afterAll(() => networks.close());

type Way = "Load Classifier" | "Log Probability" | "Log Probability in a Differentiate";

async function notesOf(way: Way, file: string, chosen: string): Promise<readonly string[]> {
  const b = documentBuilder(nodes, { title: "Notes" });
  const x = b.add("guidegraph/gaussian-noise", { batch: 2, channels: 3, height: 4, width: 4 }).out("x_T");
  if (way === "Load Classifier") {
    const classifier = b.add("guidegraph/load-classifier", { file, flags: chosen }).out("classifier");
    const labels = b.add("guidegraph/class-labels", { count: 2, classes: "1", classifier }).out("labels");
    const step = b.add("guidegraph/schedule-step", {
      schedule: b.add("guidegraph/diffusion-schedule", {}).out("schedule"),
    });
    const given = { classifier, x, step: step.out("step"), labels };
    b.add("guidegraph/save-tensor", { tensor: b.add("guidegraph/log-probability", given).out("log_probability") });
  } else {
    const network = b.add("guidegraph/load-network", { file }).out("network");
    const labels = b.add("guidegraph/class-labels", { count: 2, classes: "1" }).out("labels");
    const asked = (
      to: Pick<typeof b, "add">,
      x: ReturnType<ReturnType<typeof b.add>["out"]>,
      net = network,
      y = labels,
    ) => {
      const logits = to.add("guidegraph/apply-network", { network: net, x, output: chosen }).out("tensor");
      return to.add("guidegraph/log-probability", { logits, labels: y }).out("log_probability");
    };
    if (way === "Log Probability") b.add("guidegraph/save-tensor", { tensor: asked(b, x) });
    else {
      const d = b.differentiate("D", { x, network, labels }, (inner) => {
        const from = [
          inner.input("x", "tensor"),
          inner.input("network", "network"),
          inner.input("labels", "labels"),
        ] as const;
        const log = asked(inner, ...from);
        inner.output("loss", "tensor", inner.add("guidegraph/reduce", { tensor: log, by: "sum" }).out("tensor"));
      });
      b.add("guidegraph/save-tensor", { tensor: d.out("gradient") });
    }
  }
  const nothing = { facts: () => Promise.reject(new Error("there is none")) };
  const { notes = [] } = await withKnown({ networks, images: nothing, tensors: nothing }, (known) =>
    plan(b.document(), nodes, { ...fakeKnown(), ...known }),
  );
  return notes.map(({ port, message }) => `${port}: ${message}`);
}

test.each<[Way, string, string, string | undefined]>([
  ["Load Classifier", "judge.onnx", "", undefined],
  ["Load Classifier", "clip.onnx", "", 'file: It is taken for logits of 3 classes, but "image_embeds" is a name'],
  ["Load Classifier", "clip.onnx", "--logits image_embeds", undefined],
  ["Load Classifier", "both.onnx", "", undefined],
  ["Log Probability", "both.onnx", "logits", undefined],
  ["Log Probability", "both.onnx", "features", 'logits: It is taken for logits of 3 classes, but "features" is a name'],
  ["Log Probability in a Differentiate", "both.onnx", "logits", undefined],
  [
    "Log Probability in a Differentiate",
    "both.onnx",
    "features",
    'logits: It is taken for logits of 3 classes, but "feat',
  ],
])("%s of %s %s", async (way, file, chosen, note) => {
  const notes = (await notesOf(way, file, chosen)).filter((one) => one.includes("taken for"));
  expect(notes).toEqual(note === undefined ? [] : [expect.stringContaining(note)]);
});
