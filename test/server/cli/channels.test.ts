/** Networks of other channels than RGB's, from a checkpoint to what is saved and shown. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import { isDrawable } from "../../../diffusion/index.ts";
import { documentBuilder } from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";
import { parseModelFlags, shapesOf, structureFromFlags } from "../../../onnx/index.ts";
import { graphFile } from "../../support/bad-input.ts";
import { guidegraph, temporaryFolder } from "../../support/cli.ts";
import { readNpz } from "../../support/npz.ts";
import { checkpointBytes, randomTensors } from "../../support/write-checkpoint.ts";

const folder = temporaryFolder();
mkdirSync(join(folder, "models"));
const small = "--image_size 8 --num_channels 32 --num_res_blocks 1 --channel_mult 1 --attention_resolutions 4";
const write = (name: string, flags: string) => {
  const shapes = shapesOf(structureFromFlags("unet", parseModelFlags(`${small} ${flags}`)));
  const path = join(folder, "models", name);
  writeFileSync(path, checkpointBytes(randomTensors(shapes)));
  return path;
};
const typed = "--image_size 8 --num_heads 4 --timestep_respacing 2 --num_samples 2 --batch_size 2 --backend cpu".split(
  " ",
);

test.each([1, 2, 3, 4, 6, 8])("a network of %d channels is sampled into an NPZ of as many", async (channels) => {
  const out = join(folder, `out-${channels}`);
  const path = write(`channels-${channels}.pt`, `--in_channels ${channels}`);
  const { code, err } = await guidegraph(["sample", "--model_path", path, ...typed, "--out", out]);
  expect({ code, err }).toEqual({ code: 0, err: [] });
  const [file] = readdirSync(out);
  expect(readNpz(join(out, file)).arr_0.dims).toEqual([2, 8, 8, channels]);
});

test.each([1, 2, 3, 4, 6, 8])(
  "pictures of %d channels are shown and saved, or refused before anything runs",
  async (channels) => {
    write(`shown-${channels}.pt`, `--in_channels ${channels}`);
    const b = documentBuilder(nodes, { title: "Shown" });
    const model = b.add("guidegraph/load-unet", {
      file: `shown-${channels}.pt`,
      flags: "--image_size 8 --num_heads 4",
    });
    const noise = b.add("guidegraph/gaussian-noise", { model: model.out("model"), batch: 1 });
    const images = b.add("guidegraph/decode-image", { x: noise.out("x_T") }).out("image");
    b.add("guidegraph/preview", { images });
    b.add("guidegraph/save-png", { images, name: "noise" });
    const out = join(folder, `shown-${channels}`);
    const file = graphFile(folder, b.document(), `shown-${channels}.json`);
    const { code, err } = await guidegraph([
      "run",
      file,
      "--models",
      join(folder, "models"),
      "--backend",
      "cpu",
      "--out",
      out,
    ]);
    if (isDrawable(channels))
      expect({ code, err, files: readdirSync(out) }).toEqual({ code: 0, err: [], files: ["noise-0000.png"] });
    else {
      const said = `Cannot save pictures of ${channels} channels as PNG, which is grey, RGB or RGBA: use Save NPZ, or Save Tensor before they are decoded`;
      expect({ code, err }).toEqual({ code: 1, err: [`"Save PNG" (5), images: ${said}`] });
      expect(existsSync(out)).toBe(false);
    }
  },
);

test("a network with a condition is sampled beside a picture of its channels", async () => {
  const path = write("segment.pt", "--in_channels 1 --condition_channels 3 --learn_sigma True");
  const picture = join(folder, "scan.png");
  await sharp(new Uint8Array(8 * 8 * 3).fill(90), { raw: { width: 8, height: 8, channels: 3 } })
    .png()
    .toFile(picture);
  const out = join(folder, "segmented");
  const flags = ["--learn_sigma", "True", "--condition_first", "True", "--condition", picture];
  const { code, err } = await guidegraph(["sample", "--model_path", path, ...typed, ...flags, "--out", out]);
  expect({ code, err }).toEqual({ code: 0, err: [] });
  expect(readNpz(join(out, readdirSync(out)[0])).arr_0.dims).toEqual([2, 8, 8, 1]);
});
