/** ONNX networks of one's own, whose files do not say how many classes there are. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { graphBuilder, writeModel } from "../../../onnx/index.ts";
import { guidegraph, temporaryFolder } from "../../support/cli.ts";
import { readNpz } from "../../support/npz.ts";

const folder = temporaryFolder();
const [unet, classifier] = [join(folder, "unet.onnx"), join(folder, "classifier.onnx")];

/** x₀ = y everywhere: grey for class 0, white for class 1. */
async function writeUnet(): Promise<void> {
  const op = graphBuilder();
  const x = op.input("x", "float32", ["N", 3, 8, 8]);
  const y = op.Cast(op.input("y", "int64", ["N"]), { to: "float32" });
  op.output("out", op.Add(op.Mul(x, 0), op.Reshape(y, op.int64([-1, 1, 1, 1]))), "float32", ["N", 3, 8, 8]);
  writeFileSync(unet, await writeModel(op.model("unet")));
}

/** Logits are the means of the three channels. */
async function writeClassifier(): Promise<void> {
  const op = graphBuilder();
  const x = op.input("x", "float32", ["N", 3, 8, 8]);
  op.output("logits", op.ReduceMean(x, op.int64([2, 3]), { keepdims: 0 }), "float32", ["N", "classes"]);
  writeFileSync(classifier, await writeModel(op.model("classifier")));
}

await writeUnet();
await writeClassifier();

const out = join(folder, "out");
const common = ["--model_path", unet, "--predict_xstart", "True", "--batch_size", "2", "--num_samples", "2"];
const process = ["--timestep_respacing", "ddim2", "--use_ddim", "True", "--backend", "cpu", "--out", out];
const sample = (...more: string[]) => guidegraph(["sample", ...common, ...process, ...more]);

test("a class-conditional UNet is given the labels, once their number is told", async () => {
  expect((await sample("--classes", "0,1")).err).toEqual([expect.stringContaining("give --num_classes N")]);
  expect(await sample("--classes", "0,1", "--num_classes", "3")).toMatchObject({ code: 0, err: [] });
  const { arr_0, arr_1 } = readNpz(join(out, "samples_2x8x8x3.npz"));
  const size = 8 * 8 * 3;
  expect(Array.from(arr_0.data as Uint8Array)).toEqual([...Array(size).fill(127), ...Array(size).fill(255)]);
  expect(Array.from(arr_1.data as BigInt64Array, Number)).toEqual([0, 1]);
});

test("a classifier has the number, too, and refuses a label outside", async () => {
  const guided = (...more: string[]) => sample("--classifier_path", classifier, ...more);
  const told = ["--num_classes", "3", "--classes"];
  expect(await guided(...told, "1,2")).toMatchObject({ code: 0, err: [] });
  const { code, err } = await guided(...told, "3");
  expect(code).toBe(1);
  expect(err).toContainEqual(expect.stringMatching(/Cannot use label 3: the classifier has 3 classes, 0 to 2$/));
});
