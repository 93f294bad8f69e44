/** Which networks are halved, what is said of it, and what it does to numbers and pictures. */
import { join } from "node:path";
import { Tensor as OrtTensor } from "onnxruntime-common";
import { expect, test } from "vitest";
import { philoxNoise } from "../../../diffusion/index.ts";
import type { ModelFlags, Use } from "../../../onnx/index.ts";
import { type ComputedIn, type Precision, type Provider, precisions } from "../../../runtime/index.ts";
import { computed, computedIn } from "../../../runtime/models/precision.ts";
import { engine } from "../../../server/engine/engine.ts";
import { nativeProvider } from "../../../server/providers/native.ts";
import { guidegraph, temporaryFolder, testCache } from "../../support/cli.ts";
import { relativeError } from "../../support/golden.ts";
import { readNpz } from "../../support/npz.ts";

const cpu = { name: "cpu", fp16: false } as const;
const card = { name: "cuda", fp16: true } as const;
const without = { name: "webgpu", fp16: false, noHalf: "it has no shader-f16" } as const;
const halved = { use_fp16: true };
const classifier = { classifier_use_fp16: true };
const cases: readonly (readonly [
  Use,
  ModelFlags,
  Pick<Provider, "name" | "fp16" | "noHalf">,
  Precision,
  boolean,
  RegExp?,
])[] = [
  ["unet", halved, card, "auto", true, /^"m.pt": convolutions and attention in float16 on cuda, all else in float32$/],
  ["unet", {}, card, "auto", false],
  ["unet", {}, card, "half", true, /float16 on cuda/],
  ["unet", halved, card, "float", false, /asks for float16; by --precision float it is computed in float32/],
  ["unet", {}, card, "float", false],
  ["unet", halved, cpu, "auto", false, /asks for float16; on cpu it is computed in float32$/],
  ["unet", {}, cpu, "half", true, /float16 on cpu, all else in float32; there that is no faster than float32/],
  ["unet", halved, without, "auto", false, /on webgpu it is computed in float32: it has no shader-f16/],
  ["classifier", classifier, card, "auto", false, /classifiers and gradients are computed in float32/],
  ["classifier", {}, card, "half", false],
];

test.each(
  cases.map(
    (one) =>
      [
        one
          .slice(0, 4)
          .map((part) => JSON.stringify(part))
          .join(" "),
        one,
      ] as const,
  ),
)("%s", (_, [role, flags, provider, precision, half, said]) => {
  const about = { file: "m.pt", sha256: "", architecture: "", flags, parameters: 0, notes: [] };
  const is = computed({ role, about }, provider, precision);
  expect(is.half).toBe(half);
  expect(computedIn([{ role, about }], provider, precision)).toBe(half ? "float16" : "float32");
  if (said) expect(is.said).toMatch(said);
  else expect(is.said).toBeUndefined();
});

/** What "auto" comes to where a run was begun in another precision than this device would begin it in. */
test.each<[Pick<Provider, "name" | "fp16" | "noHalf">, ModelFlags, ComputedIn, ComputedIn, RegExp?]>([
  [card, halved, "float32", "float32", /asks for float16; its run was begun in float32$/],
  [cpu, halved, "float16", "float16", /float16 on cpu, all else in float32; there that is no faster than float32/],
  [cpu, {}, "float16 in part", "float32"],
  [without, halved, "float16", "float32", /on webgpu it is computed in float32: it has no shader-f16/],
])("on %j %j of a run that was begun in %s is computed in %s", (provider, flags, begun, is, said) => {
  const about = { file: "m.pt", sha256: "", architecture: "", flags, parameters: 0, notes: [] };
  expect(computedIn([{ role: "unet", about }], provider, "auto", begun)).toBe(is);
  expect(computed({ role: "unet", about }, provider, "auto", begun).said ?? "").toMatch(said ?? /^$/);
  for (const precision of ["half", "float"] as const)
    if (!("noHalf" in provider && precision === "half"))
      expect(computedIn([{ role: "unet", about }], provider, precision, begun)).toBe(
        computedIn([{ role: "unet", about }], provider, precision),
      );
});

test("of two UNets of which one asks for float16 auto halves one, and half both", () => {
  const [one, two] = [halved, {}].map((flags) => ({
    role: "unet" as const,
    about: { file: "m.pt", sha256: "", architecture: "", flags, parameters: 0, notes: [] },
  }));
  expect(precisions.map((precision) => computedIn([one, two], card, precision))).toEqual([
    "float16 in part",
    "float16",
    "float32",
  ]);
});

test("an ONNX file is computed as it is, which is said where half was asked for", () => {
  const about = { file: "m.onnx", sha256: "", architecture: "", flags: {}, parameters: 0, notes: [] };
  const file = { bytes: 1, model: "m.onnx", external: [] };
  expect(computed({ role: "unet", about, file }, card, "half")).toEqual({
    half: false,
    said: '"m.onnx" is computed as its file has it',
  });
  expect(computed({ role: "unet", about, file }, card, "auto")).toEqual({ half: false });
});

test("the torso in float16 moves the demo network's output by 2e-3 at most, and is another session", async () => {
  const noise = philoxNoise({ seed: 3, dims: [2, 3, 32, 32] }).draw(0);
  const opened = (precision: Precision) =>
    engine({
      cache: testCache,
      environment: {},
      precision,
      provider: async () => nativeProvider("cpu", { threads: 1 }),
    });
  const outOf = async (precision: Precision) => {
    const { networks } = opened(precision);
    const network = await networks.network("unet", { file: "shapes32_diffusion.pt", sha256: "", flags: "" });
    const session = await (await networks.forward(network))();
    const feeds = {
      x: new OrtTensor("float32", noise.data, [2, 3, 32, 32]),
      t: new OrtTensor("float32", Float32Array.of(100, 900), [2]),
      y: new OrtTensor("int64", BigInt64Array.of(3n, 10n), [2]),
    };
    const { out } = await session.run(feeds, ["out"]);
    await networks.close();
    return out.data as Float32Array;
  };
  const error = relativeError(await outOf("half"), await outOf("float"));
  expect(error).toBeLessThan(2e-3);
  expect(error).toBeGreaterThan(1e-6); // it was float16 indeed
});

test("guided pictures are within two levels on 99 of 100 bytes, under names of their own", async () => {
  const out = temporaryFolder();
  const short = ["--set", "Wanted shape.classes=3,7", "--set", "Diffusion Schedule.timestep_respacing=ddim3"];
  const run = (precision: Precision) =>
    guidegraph(["run", "guided-ddim", ...short, "--backend", "cpu", "--out", out, "--precision", precision]);
  const [float, half] = [await run("float"), await run("half")];
  expect(float).toMatchObject({ code: 0, err: [] });
  expect(half.err).toEqual([expect.stringMatching(/convolutions and attention in float16 on cpu/)]);
  const pictures = ({ out: lines }: typeof half) =>
    readNpz(lines.find((line) => line.endsWith(".npz"))!).arr_0.data as Uint8Array;
  const [a, b] = [pictures(float), pictures(half)];
  const near = a.filter((value, i) => Math.abs(value - b[i]) <= 2).length;
  expect(near / a.length).toBeGreaterThanOrEqual(0.99);
  expect(a).not.toEqual(b);
  expect(half.out).toContain(join(out, "samples_2x32x32x3-2.npz"));
});
