import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  buildAdm,
  condFnModel,
  graphBuilder,
  lower,
  type ModelFlags,
  type OnnxModel,
  parseCard,
  readCheckpoint,
  recognise,
  writeModel,
} from "../../../onnx/index.ts";
import { fileSource } from "../../support/files.ts";
import { classifierFlags, golden, relativeError } from "../../support/golden.ts";
import { goldenFile } from "../../support/golden-file.ts";
import { generator } from "../../support/random.ts";
import { hasWebGpu, openSession, type Provider, type Values } from "../../support/sessions.ts";

const models = new URL("../../../models/", import.meta.url).pathname;

/** EncoderUNetModel's arguments, as case.json has them, by the reference's flag names. */
const classifierOf = async (path: string, flags: ModelFlags): Promise<OnnxModel> => {
  const state = await readCheckpoint(fileSource(path));
  return buildAdm(state, recognise(state, "classifier", flags));
};

const float = (values: ArrayLike<number>, dims: readonly number[]): Values => ({
  type: "float32",
  dims,
  values: Float64Array.from(values),
});
const int64 = (values: readonly number[]): Values => ({ ...float(values, [values.length]), type: "int64" });
const ports = { x: "x", t: "t", logits: "logits" };

const guided = ["guided_ddim_cosine", "guided_ddpm_cosine", "guided_fixed_large", "guided_uncond_legacy_file"];

describe("condFnModel", () => {
  for (const name of guided)
    test(`gives the reference's gradients of ${name}, lowered or not`, async () => {
      const { flags, expected } = golden(name);
      const { labels, classifier_scale: scale } = flags;
      const gradient = condFnModel(
        await classifierOf(goldenFile(name, "classifier.pt"), classifierFlags(flags)!),
        ports,
      );
      const { dims, data: first } = expected.x_T;
      const steps = expected.t_seen.data.length;
      const at = {
        grad0: [first, 0],
        grad_last: [expected.steps_x.data.slice((steps - 2) * first.length, (steps - 1) * first.length), steps - 1],
      } as const;
      for (const variant of [gradient, lower(gradient, "cpu"), lower(gradient, "portable")]) {
        const session = await openSession(await writeModel(variant), "cpu");
        for (const [key, [x, step]] of Object.entries(at)) {
          const result = await session.run({
            x: float(x as Float32Array, dims),
            t: float(Array(dims[0]).fill(Number(expected.t_seen.data[step])), [dims[0]]),
            labels: int64(labels!),
            scale: float([scale!], []),
          });
          expect(relativeError(result.gradient.values, expected[key].data as Float32Array), key).toBeLessThan(3e-5);
        }
        await session.release();
      }
    });

  for (const name of ["shapes32_shape_classifier", "shapes32_colour_classifier"])
    test(`gives ∇ log p of ${name}`, async () => {
      const classifier = await classifierOf(
        `${models}${name}.pt`,
        parseCard(readFileSync(`${models}${name}.json`, "utf8")),
      );
      const [n, size, labels] = [2, 32, [1, 5]];
      const random = generator(7);
      const dims = [n, 3, size, size];
      const x = Float32Array.from({ length: n * 3 * size * size }, () => 2 * random() - 1);
      const t = float([150, 700], [n]);
      const forward = await openSession(await writeModel(classifier), "cpu");
      const logP = async (values: ArrayLike<number>): Promise<number> => {
        const { logits } = await forward.run({ x: float(values, dims), t });
        const classes = logits.dims[1];
        return labels.reduce((total, label, i) => {
          const row = logits.values.slice(i * classes, (i + 1) * classes);
          return total + row[label] - Math.log(row.reduce((sum, v) => sum + Math.exp(v), 0));
        }, 0);
      };
      const session = await openSession(await writeModel(lower(condFnModel(classifier, ports), "cpu")), "cpu");
      const { gradient } = await session.run({ x: float(x, dims), t, labels: int64(labels!), scale: float([1], []) });

      // Along a few directions: the gradient's own, and random ones.
      const size2 = Math.hypot(...gradient.values);
      const directions = [
        gradient.values.map((v) => v / size2),
        ...[1, 2, 3].map(() => randomDirection(x.length, random)),
      ];
      for (const direction of directions) {
        const at = (step: number): Promise<number> => logP(x.map((v, i) => v + step * direction[i]));
        const [h, near, far] = [0.05, (await at(0.05)) - (await at(-0.05)), (await at(0.1)) - (await at(-0.1))];
        const expected = (8 * near - far) / (12 * h);
        const actual = gradient.values.reduce((sum, v, i) => sum + v * direction[i], 0);
        expect(Math.abs(actual - expected)).toBeLessThan(2e-3 * size2);
      }
    });

  test("gives each sample its own gradient from one file, for every batch size", async () => {
    const { gradient, feeds } = await sevenSamples();
    const session = await openSession(await writeModel(lower(gradient, "cpu")), "cpu");
    const all = (await session.run(feeds(0, 7))).gradient.values;
    const size = all.length / 7;
    for (const [from, to] of [
      [0, 1],
      [1, 3],
      [3, 7],
    ]) {
      const part = (await session.run(feeds(from, to))).gradient;
      expect(part.dims).toEqual([to - from, 3, 16, 16]);
      expect(relativeError(part.values, all.subarray(from * size, to * size))).toBeLessThan(1e-5);
    }
  });

  for (const [provider, tolerance] of [
    ["wasm", 3e-5],
    ["webgpu", 1e-4],
  ] as const)
    test.skipIf(provider === "webgpu" && !hasWebGpu)(`gives on ${provider} what it gives on the cpu`, async () => {
      const { gradient, feeds } = await sevenSamples();
      const on = async (place: Provider, flavour: "cpu" | "portable"): Promise<Float64Array> => {
        const session = await openSession(await writeModel(lower(gradient, flavour)), place);
        return (await session.run(feeds(0, 3))).gradient.values;
      };
      expect(relativeError(await on(provider, "portable"), await on("cpu", "cpu"))).toBeLessThan(tolerance);
    });

  test("works through a torso in float16, near enough to the float32 one", async () => {
    const { flags } = golden("guided_ddim_cosine");
    const state = await readCheckpoint(fileSource(goldenFile("guided_ddim_cosine", "classifier.pt")));
    const network = recognise(state, "classifier", classifierFlags(flags)!);
    const random = generator(23);
    const x = Float32Array.from({ length: 2 * 3 * 16 * 16 }, () => 2 * random() - 1);
    const feeds = {
      x: float(x, [2, 3, 16, 16]),
      t: float([40, 800], [2]),
      labels: int64([3, 7]),
      scale: float([1], []),
    };
    const [full, half] = await Promise.all(
      [false, true].map(async (fp16) => {
        const gradient = condFnModel(buildAdm(state, network, { fp16 }), ports);
        const session = await openSession(await writeModel(lower(gradient, "cpu")), "cpu");
        return (await session.run(feeds)).gradient.values;
      }),
    );
    const error = relativeError(half, full);
    expect(error).toBeLessThan(2e-2);
    expect(error).toBeGreaterThan(1e-5); // it was float16 indeed
  });

  test("refuses logits that are no table of classes, and inputs that bear its own names", () => {
    const op = graphBuilder();
    op.output("logits", op.Tanh(op.input("x", "float32", ["N", 2, 3])), "float32");
    expect(() => condFnModel(op.model("flat"), ports)).toThrow('logits "logits" should be N×classes, they are N×2×3');
    op.input("labels", "int64", ["N"]);
    expect(() => condFnModel(op.model("named"), ports)).toThrow('an input "labels" of its own');
  });
});

/** The gradient of a small classifier, and its inputs for the samples from … to − 1 of seven. */
async function sevenSamples() {
  const { flags } = golden("guided_ddim_cosine");
  const network = await classifierOf(goldenFile("guided_ddim_cosine", "classifier.pt"), classifierFlags(flags)!);
  const size = 3 * 16 * 16;
  const random = generator(19);
  const x = Float32Array.from({ length: 7 * size }, () => 2 * random() - 1);
  const labels = [3, 7, 0, 9, 3, 1, 2];
  const feeds = (from: number, to: number) => ({
    x: float(x.subarray(from * size, to * size), [to - from, 3, 16, 16]),
    t: float(
      labels.slice(from, to).map((label) => 100 * label),
      [to - from],
    ),
    labels: int64(labels.slice(from, to)),
    scale: float([2.5], []),
  });
  return { gradient: condFnModel(network, ports), feeds };
}

function randomDirection(length: number, random: () => number): Float64Array {
  const values = Float64Array.from({ length }, () => random() - 0.5);
  const size = Math.hypot(...values);
  return values.map((v) => v / size);
}
