import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import {
  buildAdm,
  type Flavour,
  flavours,
  gradientModel,
  graphBuilder,
  lower,
  type OnnxModel,
  readCheckpoint,
  readModel,
  recognise,
  type Value,
  writeModel,
} from "../../../onnx/index.ts";
import { faster, tablesOf } from "../../../onnx/lower/index.ts";
import type { Row } from "../../../onnx/rewrite/row.ts";
import { StandardModel } from "../../../onnx/standard/standard.ts";
import { checkGraph, lowerings } from "../../support/check-graph.ts";
import { fileSource } from "../../support/files.ts";
import { readJson, relativeError, unetFlags } from "../../support/golden.ts";
import { goldenFile } from "../../support/golden-file.ts";
import { generator } from "../../support/random.ts";
import { hasWebGpu, openSession, type Provider, type Values } from "../../support/sessions.ts";
import { cases } from "./cases/index.ts";
import type { Net } from "./cases/net.ts";

function build({ x: dims, y }: Net): OnnxModel {
  const random = generator(5);
  const op = graphBuilder();
  const x = op.input("x", "float32", dims);
  const weight = (...shape: number[]): Value => {
    const count = shape.reduce((a, b) => a * b, 1);
    return op.float(
      Array.from({ length: count }, () => random() * 1.6 - 0.8),
      shape,
    );
  };
  op.output("y", y(op, x, weight), "float32");
  return op.model("net");
}

function counts({ graph }: OnnxModel): Record<string, number> {
  const result: Record<string, number> = {};
  for (const { op } of graph.nodes) result[op] = (result[op] ?? 0) + 1;
  return result;
}

async function checkLowered(title: string, net: Net, provider: Provider): Promise<void> {
  const random = generator(11);
  const count = net.x.reduce((a, b) => a * b, 1);
  const values = Float64Array.from({ length: count }, () => Math.fround(random() * 2 - 1));
  const model = build(net);
  await checkGraph({
    title,
    model,
    feeds: { x: { type: "float32", dims: net.x, values } },
    wrt: "x",
    dims: net.x,
    random,
    gradients: lowerings(model, "x"),
    providers: [provider],
  });
}

/** The lowerings that put something in the place of something of a graph. */
function atWork(model: OnnxModel, flavour: Flavour): ReadonlySet<string> {
  const names = new Set<string>();
  const watched = (name: string, row: Row): Row => ({
    ...row,
    becomes(op, found, view) {
      const sources = row.becomes(op, found, view);
      if (sources !== undefined) names.add(name);
      return sources;
    },
  });
  const tables = tablesOf(flavour).map((rows) =>
    Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, watched(name, row)])),
  );
  faster(StandardModel.of(model), tables);
  return names;
}

describe("lower", () => {
  for (const [lowering, nets] of Object.entries(cases)) {
    const [net] = Object.values(nets);
    test(`puts the form of ${lowering} in its place`, () => {
      const flavour = flavours.find((one) => tablesOf(one).some((rows) => lowering in rows))!;
      const gradient = gradientModel(build(net), { of: "y", wrt: "x" });
      expect(atWork(gradient, flavour)).toContain(lowering);
    });
  }

  for (const [title, net] of Object.values(cases).flatMap(Object.entries<Net>)) {
    test(`keeps the gradient of ${title}`, () => checkLowered(title, net, "cpu"));

    test.skipIf(!hasWebGpu || net.half)(`keeps the gradient of ${title} on webgpu`, () =>
      checkLowered(title, net, "webgpu"),
    );

    test(`finds ${title}`, () => {
      const lowered = counts(lower(gradientModel(build(net), { of: "y", wrt: "x" }), "cpu"));
      for (const [op, count] of Object.entries(net.has ?? {})) expect(lowered[op] ?? 0, op).toBe(count);
    });
  }

  for (const name of ["guided_ddim_cosine", "superres"])
    test(`keeps what the UNet of ${name} computes`, async () => {
      const state = await readCheckpoint(fileSource(goldenFile(name, "model.pt")));
      const unet = buildAdm(state, recognise(state, "unet", unetFlags(readJson(`${name}/case.json`))));
      const random = generator(2);
      const feeds = Object.fromEntries(
        unet.graph.inputs.map(({ name, type, dims }): [string, Values] => {
          const sizes = dims!.map((dim) => (typeof dim === "number" ? dim : 2));
          const count = sizes.reduce((a, b) => a * b, 1);
          const values = Float64Array.from({ length: count }, () => (type === "int64" ? 3 : 2 * random() - 1));
          return [name, { type, dims: sizes, values }];
        }),
      );
      const run = async (graph: OnnxModel) =>
        (await (await openSession(await writeModel(graph), "cpu")).run(feeds)).out;
      const expected = await run(unet);
      for (const flavour of flavours)
        expect(relativeError((await run(lower(unet, flavour))).values, expected.values)).toBeLessThan(1e-5);
    });

  test("writes out what WebGPU has no kernel for", async () => {
    const op = graphBuilder();
    const x = op.input("x", "float32", ["N", 4, 3]);
    const [gamma, beta] = [op.float([1, 2]), op.float([0.5, -1])];
    const normed = op.GroupNormalization(x, gamma, beta, { num_groups: 2 });
    const labels = op.Cast(op.Mul(op.ReduceMax(x, op.int64([2]), { keepdims: 0 }), 3), { to: "int64" });
    const hot = op.Unsqueeze(
      op.ReduceMax(op.OneHot(labels, op.int64([3]), op.float([0, 2])), op.int64([1]), { keepdims: 0 }),
      op.int64([1]),
    );
    op.output("y", op.Sum(op.LogSoftmax(normed, { axis: 1 }), hot, x), "float32");
    const model = op.model("missing");
    const portable = lower(model, "portable");
    for (const operator of ["GroupNormalization", "LogSoftmax", "OneHot", "Sum"])
      expect(counts(portable)).not.toHaveProperty(operator);
    const values = Float64Array.from({ length: 24 }, (_, i) => Math.sin(i));
    const results = await Promise.all(
      [model, portable].map(async (graph) => {
        const session = await openSession(await writeModel(graph), "cpu");
        return (await session.run({ x: { type: "float32", dims: [2, 4, 3], values } })).y.values;
      }),
    );
    expect(relativeError(results[1], results[0])).toBeLessThan(1e-5);
  });

  test("gives WebGPU no operator of onnxruntime's own", () => {
    for (const net of Object.values(cases).flatMap(Object.values<Net>))
      expect([...lower(gradientModel(build(net), { of: "y", wrt: "x" }), "portable").opsets.keys()]).toEqual([""]);
  });

  test("gives CUDA no transposed convolution that it leaves to the processor", async () => {
    const reader = readModel(await readFile("models/shapes32_reader.onnx"));
    const gradients = [
      gradientModel(reader, { of: "shape", wrt: "x" }),
      ...Object.values(cases)
        .flatMap(Object.values<Net>)
        .map((net) => gradientModel(build(net), { of: "y", wrt: "x" })),
    ];
    const uneven = (flavour: Flavour): number =>
      gradients
        .flatMap((gradient) => lower(gradient, flavour).graph.nodes)
        .filter(({ op, attributes: { pads, output_padding: extra } }) => {
          const list = (pads ?? []) as readonly number[];
          const half = list.length / 2;
          const isUneven = list.slice(0, half).some((pad, i) => pad !== list[half + i]);
          return op === "ConvTranspose" && (isUneven || (extra as readonly number[] | undefined)?.some((n) => n !== 0));
        }).length;
    expect(uneven("cpu")).toBeGreaterThan(5);
    expect(uneven("cuda")).toBe(0);
  });
});
