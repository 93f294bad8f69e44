import { expect, test } from "vitest";
import {
  askedOf,
  formatModelFlags,
  parseModelFlags,
  presets,
  type Role,
  recognise,
  type StateDict,
  shapesOf,
  structureFromFlags,
} from "../../../onnx/index.ts";

/** Shapes alone: what is asked must not read a weight. */
function state(role: Role, flags: string): StateDict {
  const read = () => Promise.reject(new Error("a weight was read"));
  const shapes = shapesOf(structureFromFlags(role, parseModelFlags(flags)));
  return new Map([...shapes].map(([key, dims]) => [key, { type: "float32", dims, read, readFloat32: read }]));
}
const asked = (tensors: StateDict, flags = "", name?: string) => askedOf(tensors, parseModelFlags(flags), name);
const unet = "--image_size 32 --num_channels 32 --num_res_blocks 1 --channel_mult 1,2 --attention_resolutions 16";
const valuesOf = (form: ReturnType<typeof asked>) =>
  Object.fromEntries(form.asks.map(({ flag, value, from }) => [flag, [value, from]]));

test("shapes tell channels, blocks, attention and classes; size, heads and the process are asked for", () => {
  const form = asked(state("unet", `${unet} --class_cond True --num_classes 7 --learn_sigma True`));
  expect(Object.fromEntries(form.tells)).toEqual({
    network: "UNetModel",
    channels: "3, learns σ",
    blocks: "1 at each of 32, 64 channels (width 32)",
    attention: "at 1/2 of the size, and in the middle",
    classes: "7",
  });
  expect(valuesOf(form)).toEqual({
    image_size: ["", "nobody"],
    num_heads: ["", "nobody"],
    num_head_channels: ["", "nobody"],
    use_new_attention_order: ["False", "default"],
    null_label: ["", "nobody"],
    diffusion_steps: ["1000", "default"],
    noise_schedule: ["linear", "default"],
    rescale_timesteps: ["False", "default"],
    predict_xstart: ["False", "default"],
  });
  expect(form.asks.filter(({ needed }) => needed).map(({ flag }) => flag)).toEqual([
    "image_size",
    "num_heads",
    "num_head_channels",
  ]);
  expect([form.network, form.problem]).toEqual([undefined, expect.stringMatching(/--image_size and --num_heads/)]);
});

test("an answer is a flag, and the form that follows tells more", () => {
  const form = asked(state("unet", unet), "--image_size 32 --num_heads 4 --noise_schedule cosine");
  expect(valuesOf(form)).toMatchObject({ num_heads: ["4", "given"], noise_schedule: ["cosine", "given"] });
  expect(form.tells).toContainEqual(["attention", "at 16 pixels, and in the middle"]);
  expect(form.asks.filter(({ needed }) => needed)).toEqual([]);
  expect(form.network?.heads.heads).toBe(4);
  expect(form.problem).toBeUndefined();
});

test.for(presets.map((preset) => [preset.names[0], preset] as const))(
  "%s is offered for its shapes, and with what it says nothing is missing",
  ([name, { role, flags }]) => {
    const tensors = state(role, formatModelFlags(flags));
    // Unless its file's name says so, it is one of several that have these shapes.
    const offered = asked(tensors, "", "mine.pt").presets.filter(({ names }) => names.includes(name));
    expect(offered).toHaveLength(1);
    const form = asked(tensors, offered[0].flags, "mine.pt");
    expect([
      form.problem,
      form.asks.filter(({ value, flag }) => value === "" && !/head|null_label/.test(flag)),
    ]).toEqual([undefined, []]);
    expect(recognise(tensors, role, parseModelFlags(offered[0].flags)).flags).toMatchObject({ ...form.network?.flags });
  },
);

test("where shapes allow several structures, the flags that tell them apart are asked for first", () => {
  const form = asked(
    state(
      "unet",
      "--in_channels 1 --condition_channels 3 --out_channels 2 --image_size 32 --num_channels 32 --num_res_blocks 1 --channel_mult 1,2",
    ),
  );
  expect(form.asks[0]).toMatchObject({ flag: "learn_sigma", value: "", choices: ["False", "True"] });
  expect(form.problem).toMatch(/do not tell what x is/);
});

test("flags of another network are refused with what the tensors say", () => {
  expect(() => asked(state("unet", unet), "--num_channels 64")).toThrow(/--num_channels 64 \(its tensors say 32\)/);
});
