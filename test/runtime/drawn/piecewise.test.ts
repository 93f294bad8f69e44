/** Networks that take a fixed number of samples, in a Differentiate and in an export of others: as the same network with an open batch. */
import { afterAll, expect, test } from "vitest";
import { schedule, type Tensor } from "../../../diffusion/index.ts";
import { plan } from "../../../executor/index.ts";
import { exportPlan } from "../../../export/index.ts";
import { documentBuilder } from "../../../graphs/document/index.ts";
import { type AnyNode, type DrawnGraph, type DrawnSource, nodes } from "../../../nodes/index.ts";
import { type Dim, type GraphBuilder, graphBuilder, writeModel } from "../../../onnx/index.ts";
import { modelsOf, withKnown } from "../../../runtime/index.ts";
import { expectClose, feedsOf, opened, surroundings } from "../../support/exported.ts";
import { memoryNetworks } from "../../support/memory-networks.ts";

const content = new Map<string, Uint8Array>();
const networks = memoryNetworks(content);
const models = modelsOf(networks);
afterAll(() => networks.close());

const width = 3 * 4 * 4;
const weights = (op: GraphBuilder, dims: readonly number[]) =>
  op.float(
    Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.cos(i)),
    dims,
  );

/** x and timesteps to something of x's size that no sample has of another. */
const shifted = (op: GraphBuilder, n: Dim) => {
  const x = op.input("x", "float32", [n, 3, 4, 4]);
  const t = op.input("timesteps", "float32", [n]);
  const kernel = weights(op, [3, 3, 3, 3]);
  const scaled = op.Mul(op.Reshape(t, op.int64([-1, 1, 1, 1])), 0.001);
  op.output("y", op.Sin(op.Add(op.Conv(x, kernel, { pads: [1, 1, 1, 1] }), scaled)), "float32", [n, 3, 4, 4]);
};
const judge = (op: GraphBuilder, n: Dim) => {
  const x = op.input("x", "float32", [n, 3, 4, 4]);
  const flat = op.MatMul(op.Reshape(op.Sin(x), op.int64([-1, width])), weights(op, [width, 5]));
  op.output("logits", flat, "float32", [n, 5]);
};

async function fileOf(name: string, build: (op: GraphBuilder, n: Dim) => void, n: Dim): Promise<string> {
  const op = graphBuilder();
  build(op, n);
  const file = `${name}-${n}.onnx`;
  content.set(file, await writeModel(op.model("any")));
  return file;
}

const pictures = (batch: number): Tensor => ({
  dims: [batch, 3, 4, 4],
  data: Float32Array.from({ length: batch * width }, (_, i) => Math.sin(i)),
});
const outside = (index: number): DrawnSource => ({ is: "outside", index });
const node = (path: string, definition: AnyNode, inputs: Record<string, DrawnSource>) => ({
  ...{ path, title: definition.title, definition, inputs },
});
const variable: DrawnSource = { is: "variable" };
const called = { of: "loss", by: "x" };
const applied: DrawnGraph = {
  nodes: [
    node("1", nodes["guidegraph/apply-network"], {
      ...{ network: outside(0), x: variable, output: outside(1), step: outside(4) },
    }),
    node("2", nodes["guidegraph/add"], {
      ...{ a: { is: "output", of: "1", output: "tensor" }, b: variable, weight_a: outside(2), weight_b: outside(3) },
    }),
  ],
  of: { is: "output", of: "2", output: "tensor" },
  called,
};
const judged: DrawnGraph = {
  nodes: [
    node("1", nodes["guidegraph/log-probability"], {
      ...{ classifier: outside(0), x: variable, step: outside(1), labels: outside(2) },
    }),
  ],
  of: { is: "output", of: "1", output: "log_probability" },
  called,
};
const guided: DrawnGraph = {
  nodes: [node("1", nodes["guidegraph/guidance-gradient"], { cond_fn: outside(0), x: variable, step: outside(1) })],
  of: { is: "output", of: "1", output: "gradient" },
  called,
};
const step = schedule({ noiseSchedule: "cosine", timestepRespacing: "10" }).at(4);

const sizes = [1, 2, 3, 8];
const counts = [1, 2, 3, 7];
const cases = sizes.flatMap((size) => counts.map((count) => ({ size, count })));

test.each(cases)("$count samples, $size at a time, have the value and gradient of all at once", async (one) => {
  const x = pictures(one.count);
  const wishes = [{ of: "2", output: "tensor" }, "gradient"] as const;
  const found = await Promise.all(
    ["N", one.size].map(async (n) => {
      const network = await models.network({ file: await fileOf("shifted", shifted, n), sha256: "", flags: "" });
      const drawn = models.differentiated(applied);
      const given = [network, "", 1, 0.5, step];
      expect((await drawn.weigh(x, given, wishes)).values).toBeGreaterThan(0);
      return (await drawn.run(x, given, wishes)) as Tensor[];
    }),
  );
  for (const i of [0, 1]) {
    expect(found[1][i].dims).toEqual([one.count, 3, 4, 4]);
    expectClose(found[1][i].data, found[0][i].data, 1e-5);
  }
});

test.each([
  ["labels of each", [1, 0, 4, 2, 3]],
  ["one label for all", [3]],
])("a classifier is asked piece by piece, by %s, and so is its cond_fn", async (_, values) => {
  const x = pictures(5);
  const labels = { values };
  const asked = async (n: Dim) => {
    const classifier = await models.classifier({ file: await fileOf("judge", judge, n), sha256: "", flags: "" });
    const condFn = await models.condFn(classifier, labels as never, 2);
    const logs = await models
      .differentiated(judged)
      .run(x, [classifier, step, labels], [{ of: "1", output: "log_probability" }, "gradient"]);
    const second = await models
      .differentiated(guided)
      .run(x, [condFn, step], [{ of: "1", output: "gradient" }, "gradient"]);
    return [...logs, ...second] as Tensor[];
  };
  const [open, fixed] = [await asked("N"), await asked(2)];
  for (const [i, { data, dims }] of open.entries()) {
    expect(fixed[i].dims).toEqual(dims);
    expectClose(fixed[i].data, data, 1e-4);
  }
});

test("more pieces than are drawn are refused at their node, with what to do", async () => {
  const network = await models.network({ file: await fileOf("shifted", shifted, 1), sha256: "", flags: "" });
  const run = models.differentiated(applied).run(pictures(65), [network, "", 1, 1, step], ["gradient"]);
  await expect(run).rejects.toMatchObject({
    path: "1",
    message: expect.stringMatching(/takes 1 sample at a time: 65 .* Sample 64 at a time .* open batch/),
  });
});

test.each([2, 3])("an export calls it for %i samples piece by piece, and is of that number alone", async (count) => {
  const exported = async (n: Dim) => {
    const b = documentBuilder(nodes);
    const x = b.add("guidegraph/gaussian-noise", { batch: count, height: 4, width: 4, channels: 3 }).out("x_T");
    const network = b.add("guidegraph/load-network", { file: `shifted-${n}.onnx` }).out("network");
    const process = b.add("guidegraph/diffusion-schedule", { noise_schedule: "cosine", timestep_respacing: "4" });
    const step = b.add("guidegraph/schedule-step", { schedule: process.out("schedule"), index: 1 }).out("step");
    b.add("guidegraph/save-tensor", { tensor: b.add("guidegraph/apply-network", { network, x, step }).out("tensor") });
    const around = { ...surroundings, networks };
    return exportPlan(await withKnown(around, (known) => plan(b.document(), nodes, known)), around);
  };
  for (const n of ["N", 2]) await fileOf("shifted", shifted, n);
  const [open, fixed] = [await exported("N"), await exported(2)];
  expect([open.samples.isOpen, fixed.samples.isOpen]).toEqual([true, false]);
  const [expected, found] = await Promise.all(
    [open, fixed].map(async (one) => (await (await opened(one.sampler)).run(feedsOf(one))).tensor.data),
  );
  expectClose(found as Float32Array, expected as Float32Array, 1e-5);
});
