/** A classifier like guided_diffusion's, as torch.onnx.export writes it (test/fixtures/torch-classifier/export.py). */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { condFnModel, lower, readModel, writeModel } from "../../../onnx/index.ts";
import { relativeError } from "../../support/golden.ts";
import { openSession, type Values } from "../../support/sessions.ts";

interface Packed {
  readonly dims: readonly number[];
  /** float32, base64 */
  readonly data: string;
}

const folder = new URL("../../fixtures/torch-classifier/", import.meta.url);
const { scale, cases } = JSON.parse(readFileSync(new URL("values.json", folder), "utf8")) as {
  readonly scale: number;
  readonly cases: readonly (Readonly<Record<"x" | "t" | "gradient", Packed>> & {
    readonly labels: readonly number[];
  })[];
};

const unpacked = ({ dims, data }: Packed): Values => {
  const bytes = new Uint8Array(Buffer.from(data, "base64"));
  return { type: "float32", dims, values: Float64Array.from(new Float32Array(bytes.buffer)) };
};

for (const opset of [12, 17]) {
  const classifier = readModel(readFileSync(new URL(`classifier.${opset}.onnx`, folder)));
  const gradient = condFnModel(classifier, { x: "x", t: "t", logits: "logits" });

  test(`cond_fn of a classifier exported with opset ${opset} gives PyTorch's gradients, lowered or not`, async () => {
    for (const model of [gradient, lower(gradient, "cpu"), lower(gradient, "portable")]) {
      const session = await openSession(await writeModel(model), "cpu");
      for (const { x, t, labels, gradient: expected } of cases) {
        const { gradient: actual } = await session.run({
          x: unpacked(x),
          t: unpacked(t),
          labels: { type: "int64", dims: [labels.length], values: Float64Array.from(labels) },
          scale: { type: "float32", dims: [], values: Float64Array.of(scale) },
        });
        expect(actual.dims).toEqual(expected.dims);
        expect(relativeError(actual.values, unpacked(expected).values)).toBeLessThan(1e-5);
      }
      await session.release();
    }
  });

  test(`the shape arithmetic of opset ${opset} folds away`, () => {
    const { nodes } = lower(classifier, "portable").graph;
    const arithmetic = new Set(["Shape", "Range", "ConstantOfShape", "If", "Constant", "Cast"]);
    expect(nodes.filter(({ op }) => arithmetic.has(op))).toEqual([]);
    expect(nodes.length).toBeLessThan(classifier.graph.nodes.length / 2);
  });
}
