/** The reference's own runs, by the real command line. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { expectSameBytes } from "../../support/bytes.ts";
import { guidegraph, temporaryFolder } from "../../support/cli.ts";
import { golden } from "../../support/golden.ts";
import { sampleArguments } from "../../support/golden-cli.ts";
import { readNpz } from "../../support/npz.ts";

async function sampled(name: string, ...more: string[]) {
  const out = temporaryFolder();
  const result = await guidegraph([
    "sample",
    ...sampleArguments(name),
    "--backend",
    "cpu",
    "--threads",
    "1",
    "--out",
    out,
    ...more,
  ]);
  expect(result.code).toBe(0);
  // Of a last batch it is said that it is cut.
  expect(result.err.filter((line) => !/^\d+ pictures are drawn and \d+ kept: /.test(line))).toEqual([]);
  const files = readdirSync(out);
  expect(result.out).toEqual(files.map((file) => join(out, file)));
  return { file: files[0], arrays: readNpz(join(out, files[0])) };
}

const cases = [
  "guided_ddim_cosine",
  "guided_ddpm_cosine",
  "guided_fixed_large",
  "guided_uncond_legacy_file",
  "ddim_eta_linear_uncond",
  "ddpm_fixed_sigma_xstart",
  "superres",
  "script_two_batches",
];

describe("sample repeats the reference's", () => {
  test.each(cases)("%s", async (name) => {
    const { expected } = golden(name);
    const { file, arrays } = await sampled(name);
    expect(file).toBe(`samples_${expected.arr_0.dims.join("x")}.npz`);
    expect(arrays.arr_0.dims).toEqual(expected.arr_0.dims);
    expectSameBytes(arrays.arr_0.data as Uint8Array, expected.arr_0.data as Uint8Array);
    // super_res_sample.py writes no labels, image_sample.py only those of a class-conditional model.
    const labels = name === "superres" ? undefined : expected.arr_1?.data;
    expect(arrays.arr_1?.data).toEqual(labels);
  });

  test.each(["guided_ddim_cosine", "ddpm_fixed_sigma_xstart"])("%s on WebAssembly, as in a browser", async (name) => {
    const { arrays } = await sampled(name, "--backend", "wasm");
    expectSameBytes(arrays.arr_0.data as Uint8Array, golden(name).expected.arr_0.data as Uint8Array);
  });
});
