import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseCard, readCheckpoint, recognise } from "../../../onnx/index.ts";
import { fileSource } from "../../support/files.ts";

const folder = new URL("../../../models/", import.meta.url).pathname;
const names = {
  shapes: "circle square triangle star heart cross crescent ring arrow hourglass".split(" "),
  colours: "red orange yellow green cyan blue purple pink".split(" "),
};
const unet = {
  channels: 3,
  height: 32,
  width: 32,
  classes: 11,
  classNames: [...names.shapes, "(no label)"],
  nullLabel: 10,
  predicts: "x0",
  learnSigma: true,
  multiple: 4,
};
const process = { noise_schedule: "cosine", diffusion_steps: 1000 };
const facts = {
  shapes32_diffusion: { ...unet, process: { ...process, rescale_timesteps: false } },
  shapes32_weak: { ...unet, process: { ...process, rescale_timesteps: false } },
  shapes32_shape_classifier: { channels: 3, height: 32, width: 32, classes: 10, classNames: names.shapes, process },
  shapes32_colour_classifier: { channels: 3, height: 32, width: 32, classes: 8, classNames: names.colours, process },
};

for (const [name, expected] of Object.entries(facts))
  test(`recognise reads ${name} with its card`, async () => {
    const state = await readCheckpoint(fileSource(`${folder}${name}.pt`));
    const card = parseCard(readFileSync(`${folder}${name}.json`, "utf8"));
    const network = recognise(state, undefined, {}, { card, name });
    expect(network.facts).toEqual(expected);
    expect(network.heads.headChannels).toBe(32);
    expect(network.heads.newOrder).toBe(network.role === "unet");
  });

test("recognise asks for the heads of a demo network without its card", async () => {
  const state = await readCheckpoint(fileSource(`${folder}shapes32_diffusion.pt`));
  expect(() => recognise(state, "unet", { image_size: 32 })).toThrow("give --num_heads or --num_head_channels");
});
