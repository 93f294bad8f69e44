import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { graphBuilder, writeModel } from "../../../onnx/index.ts";
import { guidegraph, temporaryFolder } from "../../support/cli.ts";

const inspect = (...args: string[]) => guidegraph(["models", "inspect", ...args]);

test("list names every bundled model with what it is, or why it cannot be told", async () => {
  const { code, out, err } = await guidegraph(["models", "list"]);
  expect({ code, err }).toEqual({ code: 0, err: [] });
  const lines = Object.fromEntries(out.map((line) => line.split("  ")));
  expect(lines["shapes32_diffusion.pt"]).toBe("UNetModel, 3.16 M parameters, 32×32");
  expect(lines["shapes32_shape_classifier.pt"]).toBe("EncoderUNetModel, 0.903 M parameters, 32×32");
  expect(lines["shapes32_reader.onnx"]).toBe(
    "ONNX, 0.183 M parameters, answers with features N×64, shape N×10, colour N×8",
  );
});

test("inspect tells facts, hash and complete flags of a checkpoint", async () => {
  const { code, out } = await inspect("shapes32_diffusion.pt");
  expect(code).toBe(0);
  const rows = Object.fromEntries(out.map((line) => line.split(/: +/)));
  expect(rows).toMatchObject({
    sha256: "21cf2c438dcd7125a4a1cbfb3baf42fb5c32ca3d75605ff8ca1ce8cf6990ca71",
    role: "UNet",
    predicts: "x0",
    classes: "11",
    "null label": "10",
  });
  expect(rows.flags).toContain("--num_head_channels 32");
});

test("an ONNX file with several answers is told apart by name", async () => {
  const whole = (await inspect("shapes32_reader.onnx")).out.join("\n");
  expect(whole).toMatch(/role: +network \(Load Network\)/);
  expect(whole).toMatch(
    /output: +"shape" float32 N×10: logits of 10 classes for Load Classifier \(--logits shape\), .*; its gradient reaches "\w+"/,
  );
  const { code, out } = await inspect("shapes32_reader.onnx", "--logits", "colour");
  expect(code).toBe(0);
  expect(out.join("\n")).toMatch(/role: +classifier[\s\S]*classes: +8/);
});

describe("an ONNX file of one's own", () => {
  const folder = temporaryFolder();

  test("names its output with --out, and the scripts' training flags do nothing", async () => {
    const file = join(folder, "two.onnx");
    const op = graphBuilder();
    const x = op.input("x", "float32", ["N", 3, 8, 8]);
    op.output("eps", op.Mul(x, 2), "float32", ["N", 3, 8, 8]);
    op.output("features", op.Mul(x, 3), "float32", ["N", 3, 8, 8]);
    writeFileSync(file, await writeModel(op.model("two")));
    const whole = (await inspect(file)).out.join("\n");
    expect(whole).toMatch(/"eps" float32 N×3×8×8: a prediction for Load UNet \(--out eps\)[\s\S]*"features"/);
    const { code, out } = await inspect(file, "--out", "eps", "--dropout", "0.1", "--use_kl", "False");
    expect(code).toBe(0);
    expect(out.join("\n")).toMatch(/role: +UNet/);
  });

  test("is told which operator stops its gradient, and where a gradient would be 0", async () => {
    const file = join(folder, "stopped.onnx");
    const op = graphBuilder();
    const mean = op.ReduceMean(op.input("x", "float32", ["N", 3, 8, 8]), op.int64([2, 3]), { keepdims: 0 });
    op.output(
      "rounded",
      op.within("quantise", () => op.Round(mean)),
      "float32",
      ["N", 3],
    );
    op.output(
      "unheard",
      op.within("head", () => op.node("Unheard", [mean], {}, 1)[0]),
      "float32",
      ["N", 3],
    );
    op.output("place", op.ArgMax(mean, { axis: 1 }), "int64", ["N", 1]);
    op.output("score", op.ReduceSum(mean, op.int64([1]), { keepdims: 0 }), "float32", ["N"]);
    writeFileSync(file, await writeModel(op.model("stopped")));
    const lines = (await inspect(file)).out.join("\n");
    expect(lines).toMatch(/"rounded" .*; no gradient reaches "x": it is 0 everywhere.* Round "quantise\/Round\.\d+"/);
    expect(lines).toMatch(/"unheard" .*; no gradient reaches "x": Cannot differentiate Unheard in node "head\/Unheard/);
    expect(lines).toMatch(/"place" int64 N×1: whole numbers, which no node takes; none/);
    expect(lines).toMatch(/"score" float32 N: one logit or a score for .*; its gradient reaches "x"/);
  });

  test("that takes labels is asked for their number, and has it with --num_classes", async () => {
    const file = join(folder, "labelled.onnx");
    const op = graphBuilder();
    const x = op.input("x", "float32", ["N", 3, 8, 8]);
    const shift = op.Cast(op.input("y", "int64", ["N"]), { to: "float32" });
    op.output("out", op.Add(x, op.Reshape(shift, op.int64([-1, 1, 1, 1]))), "float32", ["N", 3, 8, 8]);
    writeFileSync(file, await writeModel(op.model("labelled")));
    const asked = `it takes labels ("y"), of how many classes it does not say: give --num_classes N`;
    expect(await inspect(file)).toEqual({ code: 1, out: [], err: [expect.stringContaining(asked)] });
    expect((await inspect(file, "--num_classes", "5")).out.join("\n")).toMatch(/classes: +5\n/);
  });

  test("that looks labels up in a table has as many as its rows, and says so; and that it was exported while training", async () => {
    const file = join(folder, "table.onnx");
    const op = graphBuilder();
    const ones = op.filled(3, 1);
    const x = op.input("x", "float32", ["N", 3, 8, 8]);
    const shift = op.Reshape(
      op.Gather(op.float(new Array(21).fill(1), [7, 3]), op.input("y", "int64", ["N"])),
      op.int64([-1, 3, 1, 1]),
    );
    const [normal] = op.add("BatchNormalization", [x, ones, ones, ones, ones], { training_mode: 1 }, 3);
    op.output("out", op.Add(normal, shift), "float32", ["N", 3, 8, 8]);
    writeFileSync(file, await writeModel(op.model("table")));
    const lines = (await inspect(file)).out.join("\n");
    expect(lines).toMatch(/classes: +7\n/);
    expect(lines).toContain("it takes 7 labels, as many as its table of them has rows");
    expect(lines).toMatch(/fitted: .*exported while training/);
  });

  test("that classifies into it does not say how many is asked, too", async () => {
    const file = join(folder, "open.onnx");
    const op = graphBuilder();
    const x = op.input("x", "float32", ["N", 3, 8, 8]);
    op.output("logits", op.ReduceMean(x, op.int64([2, 3]), { keepdims: 0 }), "float32", ["N", "classes"]);
    writeFileSync(file, await writeModel(op.model("open")));
    const asked = `its logits "logits" do not say how many classes there are: give --num_classes N`;
    expect(await inspect(file)).toEqual({ code: 1, out: [], err: [expect.stringContaining(asked)] });
    expect((await inspect(file, "--num_classes", "3")).out.join("\n")).toMatch(/classes: +3\n/);
  });
});

test("a missing file is refused", async () => {
  expect(await inspect("shapes32_diffusio.pt")).toEqual({
    code: 1,
    out: [],
    err: [expect.stringMatching(/is in no models folder; did you mean "shapes32_diffusion.pt"\?/)],
  });
});
