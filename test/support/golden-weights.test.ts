import { expect, test } from "vitest";
import { readCheckpoint } from "../../onnx/index.ts";
import { fileSource } from "./files.ts";
import { drawnCheckpoints, goldenFile } from "./golden-file.ts";

test("drawNetworks draws what PyTorch saved", async () => {
  const name = "guided_uncond_legacy_file";
  for (const [file, tensors] of Object.entries(drawnCheckpoints(name))) {
    const saved = await readCheckpoint(fileSource(goldenFile(name, file)));
    expect(tensors.map(({ name, dims }) => [name, dims])).toEqual([...saved].map(([name, { dims }]) => [name, dims]));
    for (const { name, bytes } of tensors) {
      const [drawn, wanted] = [bytes(), await saved.get(name)!.read()].map(
        (some) => new Float32Array(some.slice().buffer),
      );
      const furthest = drawn.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i])), 0);
      expect(furthest, name).toBeLessThanOrEqual(/norm|layers\.0|out_layers|proj_out|^out/.test(name) ? 2e-6 : 0);
    }
  }
});
