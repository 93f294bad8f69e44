import { expect, test } from "vitest";
import { guidegraph } from "../../support/cli.ts";

const inspect = (...args: string[]) => guidegraph(["models", "inspect", ...args]);

test("list names every bundled model with what it is, or why it cannot be told", async () => {
  const { code, out, err } = await guidegraph(["models", "list"]);
  expect({ code, err }).toEqual({ code: 0, err: [] });
  const lines = Object.fromEntries(out.map((line) => line.split("  ")));
  expect(lines["shapes32_diffusion.pt"]).toBe("UNetModel, 3.16 M parameters, 32×32");
  expect(lines["shapes32_shape_classifier.pt"]).toBe("EncoderUNetModel, 0.903 M parameters, 32×32");
  expect(lines["shapes32_reader.onnx"]).toMatch(/"features".*"shape".*"colour".*--logits/);
});

test("inspect tells facts, hash and complete flags of a checkpoint", async () => {
  const { code, out } = await inspect("shapes32_diffusion.pt");
  expect(code).toBe(0);
  const rows = Object.fromEntries(out.map((line) => line.split(/: +/)));
  expect(rows).toMatchObject({
    sha256: "074119b3d277b78f349cd323196f9f42f50ebce25a60f1f6c9cf66b39891e4c3",
    role: "UNet",
    predicts: "x0",
    classes: "11",
    "null label": "10",
  });
  expect(rows.flags).toContain("--num_head_channels 32");
});

test("an ONNX file with several answers is told apart by name", async () => {
  expect(await inspect("shapes32_reader.onnx")).toMatchObject({ code: 1, err: [expect.stringMatching(/--logits/)] });
  const { code, out } = await inspect("shapes32_reader.onnx", "--logits", "colour");
  expect(code).toBe(0);
  expect(out.join("\n")).toMatch(/role: +classifier[\s\S]*classes: +8/);
});

test("a missing file is refused", async () => {
  expect(await inspect("shapes32_diffusio.pt")).toEqual({
    code: 1,
    out: [],
    err: [expect.stringMatching(/is in no models folder; did you mean "shapes32_diffusion.pt"\?/)],
  });
});
