/**
 * Exported samplers in programs that know nothing of GuideGraph, as docs/export.md has them: a script of Node and a page of
 * Chromium, beside recorded runs of the reference.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { bareFolder, drawnBy, inBarePage } from "../support/bare-page.ts";
import { expectSameBytes } from "../support/bytes.ts";
import { guidegraph, temporaryFolder } from "../support/cli.ts";
import { golden } from "../support/golden.ts";
import { sampleArguments } from "../support/golden-cli.ts";
import { goldenFile } from "../support/golden-file.ts";

const run = promisify(execFile);

const exported = async (name: string): Promise<string> => {
  const folder = join(temporaryFolder(), name);
  const graph = `${folder}.json`;
  // The graph is written before it runs, and it need not run.
  const emit = [
    "sample",
    ...sampleArguments(name),
    "--emit-graph",
    graph,
    "--backend",
    "cpu",
    "--out",
    `${folder}-out`,
  ];
  const leaving = new AbortController();
  const sampled = guidegraph(emit, { signal: leaving.signal });
  await expect.poll(() => existsSync(graph)).toBe(true);
  leaving.abort();
  await sampled;
  const models = dirname(goldenFile(name, "model.pt"));
  const { code, out, err } = await guidegraph(["export", graph, "-o", folder, "--models", models]);
  expect({ code, files: out.map((file) => file.slice(folder.length + 1)) }).toEqual({
    code: 0,
    files: ["inputs.npz", "sampler.onnx", "step.onnx", "manifest.json"],
  });
  expect(err).toEqual(["“Save NPZ” is left out: it saves a file; what it is given is an output"]);
  await bareFolder(folder);
  return folder;
};

const bytesOf = (name: string) => golden(name).expected.arr_0.data as Uint8Array;

// Both in both: npm run bench -- export.
test("a script of Node draws the reference's picture, and nothing is written over", async () => {
  const folder = await exported("guided_ddim_cosine");
  const { stderr } = await run(process.execPath, ["sample.mjs"], { cwd: folder });
  expect(stderr).toMatch(/\n\d+ pictures: 0\.png to \d+\.png\n$/);
  expectSameBytes(await drawnBy(folder), bytesOf("guided_ddim_cosine"));
  const { code, err } = await guidegraph(["export", `${folder}.json`, "-o", folder]);
  expect({ code, err }).toEqual({
    code: 1,
    err: [expect.stringContaining("sampler.onnx is there already, and is not written over: choose another folder")],
  });
}, 120_000);

test("a page of Chromium draws it", async () => {
  const folder = await exported("guided_ddpm_cosine");
  expectSameBytes((await inBarePage(folder)).bytes, bytesOf("guided_ddpm_cosine"));
}, 120_000);
