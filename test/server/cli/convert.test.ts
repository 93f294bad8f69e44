/** `convert` and `grad` write ONNX files that any runtime opens. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { graphBuilder, readModel, writeModel } from "../../../onnx/index.ts";
import { packageRoot } from "../../../server/files/package-root.ts";
import { guidegraph, temporaryFolder } from "../../support/cli.ts";
import { golden, relativeError } from "../../support/golden.ts";
import { goldenFile } from "../../support/golden-file.ts";

const folder = temporaryFolder();
const demo = (name: string) => join(packageRoot, "models", `${name}.pt`);
const name = "guided_ddim_cosine";
const { expected } = golden(name);
const floats = ({ data, dims }: { data: unknown; dims: readonly number[] }) =>
  new Tensor("float32", data as Float32Array, dims);
const t = new Tensor("float32", new Float32Array(2).fill(Number(expected.t_seen.data[0])), [2]);
const labels = new Tensor("int64", expected.arr_1.data as BigInt64Array, [2]);
const x = floats(expected.x_T);

test("a converted UNet gives the reference's output, with y and a dynamic batch", async () => {
  const file = join(folder, "unet.onnx");
  const flags = ["--image_size", "16", "--num_head_channels", "16", "--use_new_attention_order", "True"];
  const converted = await guidegraph(["convert", goldenFile(name, "model.pt"), ...flags, "-o", file]);
  expect(converted).toEqual({ code: 0, out: [file], err: [] });
  const session = await InferenceSession.create(file, { intraOpNumThreads: 1 });
  expect(session.inputNames).toEqual(["x", "t", "y"]);
  const { out } = await session.run({ x, t, y: labels });
  expect(relativeError(out.data as Float32Array, expected.model_out0.data as Float32Array)).toBeLessThan(1e-5);
});

test("a UNet is written for other sides, which its levels can halve", async () => {
  const file = join(folder, "wide.onnx");
  const convert = (name: string, ...sides: string[]) => {
    rmSync(file, { force: true });
    return guidegraph(["convert", demo(name), ...sides, "-o", file]);
  };
  expect(await convert("shapes32_diffusion", "--height", "16", "--width", "24")).toMatchObject({
    code: 0,
    out: [file],
  });
  const { inputs, outputs } = readModel(readFileSync(file)).graph;
  expect([...inputs, ...outputs].map(({ name, dims }) => [name, dims])).toEqual([
    ["x", ["N", 3, 16, 24]],
    ["t", ["N"]],
    ["y", ["N"]],
    ["out", ["N", 6, 16, 24]],
  ]);
  expect((await convert("shapes32_diffusion", "--height", "18")).err).toEqual([
    '"shapes32_diffusion.pt" takes sides that are multiples of 4, and 18 is none',
  ]);
  expect((await convert("shapes32_shape_classifier", "--width", "64")).err).toEqual([
    '"shapes32_shape_classifier.pt" takes pictures of 32×32 alone: leave --height and --width out',
  ]);
});

test("use_fp16 halves a UNet that is asked for as portable, and is told where it does not", async () => {
  const flags = "--image_size 16 --num_head_channels 16 --use_new_attention_order True --use_fp16 True".split(" ");
  const convert = (file: string, ...flavour: string[]) =>
    guidegraph(["convert", goldenFile(name, "model.pt"), ...flags, ...flavour, "-o", file]);
  const types = (file: string) =>
    new Set([...readModel(readFileSync(file)).graph.initializers.values()].map(({ type }) => type));
  const half = join(folder, "half.onnx");
  expect(await convert(half, "--flavour", "portable")).toEqual({ code: 0, out: [half], err: [] });
  expect(types(half)).toContain("float16");
  for (const [file, ...flavour] of [["cpu.onnx", "--flavour", "cpu"], ["whole.onnx"]]) {
    const whole = join(folder, file);
    expect((await convert(whole, ...flavour)).err.join()).toContain(
      '"model.pt" asks for float16; it is written in float32',
    );
    expect(types(whole)).not.toContain("float16");
  }
});

test("grad writes what is right on WebGPU too, unless it is asked for a processor's", async () => {
  const file = join(folder, "six.onnx");
  const op = graphBuilder();
  const x = op.input("x", "float32", ["N", 6, 4, 4]);
  const weights = Array.from({ length: 6 * 4 * 9 }, (_, i) => Math.sin(i));
  const y = op.Conv(x, op.float(weights, [4, 6, 3, 3]), { pads: [1, 1, 1, 1] });
  const silu = op.Mul(y, op.Sigmoid(y));
  op.output("y", op.ReduceMean(silu, op.int64([2, 3]), { keepdims: 0 }), "float32", ["N", 4]);
  writeFileSync(file, await writeModel(op.model("six")));
  const operators = async (...flavour: string[]) => {
    const out = join(folder, `d_six${flavour.join("")}.onnx`);
    expect(await guidegraph(["grad", file, ...flavour, "-o", out])).toMatchObject({ code: 0 });
    return new Set(readModel(readFileSync(out)).graph.nodes.map(({ domain, op }) => domain + op));
  };
  // It convolves six channels to four, which WebGPU does wrongly.
  expect(await operators()).toContain("Pad");
  const own = [...(await operators("--flavour", "cpu"))];
  expect(own).not.toContain("Pad");
  expect([...(await operators("--flavour", "portable"))].filter((name) => name.startsWith("com."))).toEqual([]);
});

test("grad keeps the inputs with their types, and not over its own input", async () => {
  const [file, gradient] = [join(folder, "judge.onnx"), join(folder, "d_judge.onnx")];
  const op = graphBuilder();
  const picture = op.input("picture", "float32", ["N", 3, 4, 4]);
  const time = op.Cast(op.input("timestep", "int64", ["N"]), { to: "float32" });
  const scores = op.ReduceMean(op.Mul(picture, picture), op.int64([2, 3]), { keepdims: 0 });
  op.output("scores", op.Mul(scores, op.Reshape(time, op.int64([-1, 1]))), "float32", ["N", 3]);
  op.output("features", op.Neg(picture), "float32", ["N", 3, 4, 4]);
  writeFileSync(file, await writeModel(op.model("judge")));
  const before = readFileSync(file);
  const args = ["grad", file, "--of", "scores", "--wrt", "picture", "-o"];
  expect(await guidegraph([...args, `${folder}/./judge.onnx`])).toEqual({
    code: 2,
    out: [],
    err: [
      expect.stringMatching(
        /judge\.onnx is there already, and nothing is written over: give another name, or remove it$/,
      ),
    ],
  });
  expect(readFileSync(file).equals(before)).toBe(true);
  expect(await guidegraph([...args, gradient])).toMatchObject({ code: 0 });
  const { inputs, outputs } = readModel(readFileSync(gradient)).graph;
  const typed = (values: typeof inputs) => values.map(({ name, type }) => `${name} ${type}`);
  expect(typed(inputs)).toEqual(["picture float32", "timestep int64", "d_scores float32"]);
  expect(typed(outputs)).toEqual(["d_picture float32"]);
});

test("grad of a model of doubles says in a line that they become float32", async () => {
  const file = join(packageRoot, "test", "fixtures", "torch-float64", "convolutions.onnx");
  const out = join(folder, "d_convolutions.onnx");
  const [input] = readModel(readFileSync(file)).graph.inputs;
  expect(await guidegraph(["grad", file, "--wrt", input.name, "-o", out])).toEqual({
    ...{ code: 0, out: [out] },
    err: ["float64 in it become float32"],
  });
});

describe("a converted classifier", () => {
  const file = join(folder, "classifier.onnx");
  const gradient = join(folder, "gradient.onnx");

  test("has logits, and its gradient the cotangent of them", async () => {
    const flags = ["--classifier_num_head_channels", "16"];
    expect(await guidegraph(["convert", goldenFile(name, "classifier.pt"), ...flags, "-o", file])).toMatchObject({
      code: 0,
    });
    const grad = await guidegraph(["grad", file, "-o", gradient, "--of", "logits", "--wrt", "x"]);
    expect(grad).toEqual({ code: 0, out: [gradient], err: [] });
    const [forward, backward] = await Promise.all([
      InferenceSession.create(file, { intraOpNumThreads: 1 }),
      InferenceSession.create(gradient, { intraOpNumThreads: 1 }),
    ]);
    expect(backward.inputNames).toEqual(["x", "t", "d_logits"]);
    expect(backward.outputNames).toEqual(["d_x"]);
    // ∇ₓ Σ log p(yᵢ | xᵢ) = ∇ₓ of logits with the cotangent onehot(y) − softmax(logits).
    const { logits } = await forward.run({ x, t });
    const values = logits.data as Float32Array;
    const cotangent = Float32Array.from(values, (_, i) => {
      const row = Array.from(values.subarray(Math.floor(i / 10) * 10, Math.floor(i / 10) * 10 + 10), Math.exp);
      const wanted = Number((expected.arr_1.data as BigInt64Array)[Math.floor(i / 10)]) === i % 10;
      return Number(wanted) - row[i % 10] / row.reduce((a, b) => a + b);
    });
    const { d_x } = await backward.run({ x, t, d_logits: new Tensor("float32", cotangent, [2, 10]) });
    const scaled = (d_x.data as Float32Array).map((value) => 3 * value);
    expect(relativeError(scaled, expected.grad0.data as Float32Array)).toBeLessThan(3e-5);
  });

  test("serves as a classifier like the checkpoint, told by its own notes", async () => {
    const inspected = await guidegraph(["models", "inspect", file]);
    expect(inspected.code).toBe(0);
    expect(inspected.out.join("\n")).toMatch(/role: +classifier[\s\S]*classes: +10/);
    const args = ["sample", "--model_path", goldenFile(name, "model.pt"), "--classifier_path", file];
    const flags = "--image_size 16 --num_head_channels 16 --use_new_attention_order True --timestep_respacing ddim20";
    const out = join(folder, "out");
    const rest = ["--use_ddim", "True", "--noise_schedule", "cosine", "--classifier_scale", "3", "--classes", "3,7"];
    const sizes = ["--batch_size", "2", "--num_samples", "2", "--seed", "12", "--backend", "cpu", "--out", out];
    expect(await guidegraph([...args, ...flags.split(" "), ...rest, ...sizes])).toMatchObject({ code: 0, err: [] });
    const { readNpz } = await import("../../support/npz.ts");
    const { arr_0 } = readNpz(join(out, "samples_2x16x16x3.npz"));
    const { expectSameBytes } = await import("../../support/bytes.ts");
    expectSameBytes(arr_0.data as Uint8Array, expected.arr_0.data as Uint8Array);
  });

  test("is not written over, nor half written by what fails", async () => {
    const before = readFileSync(file);
    const other = join(folder, "other.onnx");
    const wrong = await guidegraph(["grad", file, "-o", other, "--of", "nothing", "--wrt", "x"]);
    expect(wrong).toMatchObject({ code: 2, err: [expect.stringMatching(/--of: the model has no output "nothing"; /)] });
    const missing = join(folder, "missing.onnx");
    const misfit = await guidegraph(["convert", goldenFile(name, "model.pt"), "--num_channels", "64", "-o", missing]);
    expect(misfit.code).toBe(1);
    expect(misfit.err[0]).toMatch(/--num_channels 64 \(its tensors say 32\)/);
    expect(existsSync(missing)).toBe(false);
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});
