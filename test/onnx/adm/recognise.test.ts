import { describe, expect, test } from "vitest";
import {
  formatModelFlags,
  type ModelFlags,
  parseModelFlags,
  presets,
  type RecogniseOptions,
  type Role,
  recognise,
  type StateDict,
  shapesOf,
  structureFromFlags,
} from "../../../onnx/index.ts";

/** Shapes alone: recognise must not read a weight. */
function stateOf(shapes: ReadonlyMap<string, readonly number[]>): StateDict {
  const read = () => Promise.reject(new Error("a weight was read"));
  return new Map([...shapes].map(([key, dims]) => [key, { type: "float32", dims, read, readFloat32: read }]));
}
const state = (role: Role, flags: string) => stateOf(shapesOf(structureFromFlags(role, parseModelFlags(flags))));
const unet = "--image_size 32 --num_channels 32 --num_res_blocks 1 --channel_mult 1,2 --attention_resolutions 16";
const heads = "--image_size 32 --num_heads 4";
const classifier =
  "--image_size 32 --classifier_width 32 --classifier_depth 1 --classifier_channel_mult 1,2 --classifier_attention_resolutions 16 --num_classes 10";

const known = (tensors: StateDict, flags: string, options?: RecogniseOptions) =>
  recognise(tensors, undefined, parseModelFlags(flags), options);
const refusal = (tensors: StateDict, flags: string, options: RecogniseOptions = {}): string => {
  try {
    known(tensors, flags, { name: "unet.pt", ...options });
  } catch (error) {
    expect((error as Error).name).toBe("CheckpointError");
    return (error as Error).message;
  }
  throw new Error("it was recognised");
};

test("there are presets for the 15 released checkpoints, and the 8 of improved-diffusion", () => {
  const names = (byName?: true) => presets.flatMap((preset) => (preset.byName === byName ? preset.names : [])).sort();
  expect(names(true)).toEqual([
    "cifar10_uncond_50M_500K",
    "cifar10_uncond_vlb_50M_500K",
    "imagenet64_cond_270M_250K",
    "imagenet64_uncond_100M_1500K",
    "imagenet64_uncond_vlb_100M_1500K",
    "lsun_uncond_100M_1200K_bs128",
    "lsun_uncond_100M_2400K_bs64",
    "upsample_cond_500K",
  ]);
  expect(names()).toEqual([
    "128_512_upsampler",
    "128x128_classifier",
    "128x128_diffusion",
    "256x256_classifier",
    "256x256_diffusion",
    "256x256_diffusion_uncond",
    "512x512_classifier",
    "512x512_diffusion",
    "64_256_upsampler",
    "64x64_classifier",
    "64x64_diffusion",
    "lsun_bedroom",
    "lsun_cat",
    "lsun_horse",
    "lsun_horse_nodropout",
  ]);
});

for (const { names, byName, role, flags } of presets)
  test(`recognise knows ${names[0]} by its shapes ${byName ? "and its name" : "alone"}`, () => {
    const tensors = stateOf(shapesOf(structureFromFlags(role, flags)));
    const network = recognise(tensors, undefined, {}, byName && { name: `march-2021/${names[0]}.pt` });
    expect(network.preset).toEqual(names);
    expect(network.notes).toEqual([]);
    const { learn_sigma, use_fp16, ...rest } = flags;
    expect(network.flags).toMatchObject({ ...rest, ...(role === "unet" && { use_fp16, learn_sigma }) });
  });

test("recognise infers what shapes tell", () => {
  const { facts, flags, structure } = known(
    state("unet", `${unet} --class_cond True --num_classes 11 --learn_sigma True --resblock_updown True`),
    `${heads} --predict_xstart True --null_label 10 --noise_schedule cosine`,
  );
  expect(facts).toEqual({
    channels: 3,
    height: 32,
    width: 32,
    multiple: 2,
    classes: 11,
    nullLabel: 10,
    predicts: "x0",
    learnSigma: true,
    process: { noise_schedule: "cosine" },
  });
  expect(structure.levels).toEqual([
    { channels: 32, attention: false },
    { channels: 64, attention: true },
  ]);
  expect(flags).toMatchObject({
    num_channels: 32,
    channel_mult: "1,2",
    attention_resolutions: "16",
    resblock_updown: true,
  });
});

test("recognise infers a classifier's image size from its attention pool", () => {
  const { facts } = known(state("classifier", classifier), "--classifier_num_head_channels 16");
  expect(facts).toEqual({ channels: 3, height: 32, width: 32, classes: 10 });
});

test("recognise asks for the heads, which no shape tells", () => {
  expect(refusal(state("unet", unet), "--image_size 32")).toBe(
    'Cannot use checkpoint "unet.pt": its shapes do not tell everything: give --num_heads or --num_head_channels (and --use_new_attention_order True if it was trained with it), or put them in a card (.json) beside it',
  );
  expect(refusal(state("unet", unet), "")).toContain("give --image_size and --num_heads or --num_head_channels");
  expect(refusal(state("classifier", classifier), "")).toContain("give --classifier_num_head_channels (and");
  expect(refusal(state("classifier", `${classifier} --classifier_pool adaptive`), "--image_size 32")).toContain(
    "give --classifier_num_heads or --classifier_num_head_channels",
  );
  expect(refusal(state("unet", unet.replace("image_size", "large_size")), "--architecture SuperResModel")).toContain(
    "--large_size and --small_size",
  );
});

test("recognise takes heads from typed flags, then the card, then the preset, then the defaults", () => {
  const defaults = { num_heads: 8, num_head_channels: -1, image_size: 64 };
  const card = { num_heads: 4, num_head_channels: 16, image_size: 32 };
  const tensors = state("unet", unet);
  const headsOf = (flags: string, options: RecogniseOptions) => known(tensors, flags, options).heads;
  expect(headsOf("", { defaults })).toMatchObject({ heads: 8, headChannels: -1 });
  expect(headsOf("", { defaults, card })).toMatchObject({ heads: 4, headChannels: 16 });
  expect(headsOf("--num_heads 2", { defaults, card })).toMatchObject({ heads: 2, headChannels: -1 });
  expect(headsOf("--num_heads 2 --num_heads_upsample 4", { card })).toMatchObject({ heads: 2, headsUpsample: 4 });
  expect(headsOf("--num_heads_upsample -1", { defaults })).toMatchObject({ heads: 8, headsUpsample: 8 });
  expect(headsOf("--num_head_channels -1", { defaults })).toMatchObject({ heads: 8, headChannels: -1 });
  const released = stateOf(shapesOf(structureFromFlags("unet", presets[1].flags)));
  expect(recognise(released, "unet", {}, { defaults }).heads).toMatchObject({ headChannels: 64, newOrder: true });
  expect(recognise(released, "unet", { num_heads: 3 }, { defaults }).heads).toMatchObject({
    heads: 3,
    headChannels: -1,
  });
});

test("a preset stands aside for another image size", () => {
  const released = stateOf(shapesOf(structureFromFlags("unet", presets[1].flags)));
  expect(() => recognise(released, "unet", { image_size: 128 })).toThrow("give --num_heads");
});

test("recognise uses defaults only for what shapes do not tell", () => {
  const defaults: ModelFlags = {
    num_channels: 128,
    num_res_blocks: 2,
    channel_mult: "",
    class_cond: false,
    num_heads: 4,
    image_size: 64,
    learn_sigma: false,
  };
  const network = known(state("unet", `${unet} --learn_sigma True --class_cond True`), "--image_size 32", { defaults });
  expect(network.flags).toMatchObject({
    num_channels: 32,
    num_res_blocks: 1,
    channel_mult: "1,2",
    class_cond: true,
    learn_sigma: true,
    image_size: 32,
  });
});

const contradictions: Record<string, string> = {
  "--num_channels 64": "it does not fit --num_channels 64 (its tensors say 32)",
  "--num_res_blocks 3": "it does not fit --num_res_blocks 3 (its tensors say 1)",
  "--channel_mult 1,2,3": "it does not fit --channel_mult 1,2,3 (its tensors say 1,2)",
  "--attention_resolutions 32":
    "give --image_size 64, for it does not fit --attention_resolutions 32 (its tensors say 16 at --image_size 32; at --image_size 64 it fits)",
  "--class_cond True": "it does not fit --class_cond True (its tensors say False)",
  "--learn_sigma True": "it does not fit --learn_sigma True (its tensors say False)",
  "--use_scale_shift_norm False": "it does not fit --use_scale_shift_norm False (its tensors say True)",
  "--resblock_updown True": "it does not fit --resblock_updown True (its tensors say False)",
  "--conv_resample False": "it does not fit --conv_resample False (its tensors say True)",
  "--in_channels 4": "it does not fit --in_channels 4 (its tensors say 3)",
};
for (const [flag, said] of Object.entries(contradictions))
  test(`recognise refuses ${flag} against the shapes`, () => {
    const message = refusal(state("unet", `${unet} --in_channels 3`), `${heads} ${flag}`);
    expect(message.split("\n")[0]).toBe(`Cannot use checkpoint "unet.pt": ${said}`);
    // Where it is known what to give instead, the tensors are left out.
    if (!said.startsWith("give")) expect(message).toMatch(/\n {2}(missing|unexpected|mis-shaped): /);
  });

test("recognise refuses flags of a classifier against its shapes", () => {
  const tensors = state("classifier", classifier);
  const given = "--classifier_num_head_channels 16";
  expect(refusal(tensors, `${given} --classifier_depth 4`)).toContain("--classifier_depth 4 (its tensors say 1)");
  expect(refusal(tensors, `${given} --image_size 64`)).toContain("--image_size 64 (its tensors say 32)");
  expect(refusal(tensors, `${given} --classifier_pool adaptive`)).toContain(
    "--classifier_pool adaptive (its tensors say attention)",
  );
  expect(refusal(tensors, `${given} --num_classes 12`)).toContain("--num_classes 12 (its tensors say 10)");
  expect(refusal(tensors, `${given} --out_channels 12`)).toContain("--out_channels 12 (its tensors say 10)");
});

test("recognise accepts an empty channel_mult where the default of the image size fits, or where there is none", () => {
  expect(known(state("unet", unet), `${heads} --channel_mult ""`).flags.channel_mult).toBe("1,2");
  const deep = state("unet", unet.replace("1,2", "1,2,3,4"));
  const network = known(deep, '--image_size 64 --num_heads 4 --attention_resolutions 32 --channel_mult ""');
  expect(network.flags.channel_mult).toBe("1,2,3,4");
  expect(refusal(deep, '--image_size 128 --num_heads 4 --channel_mult ""')).toContain(
    '--channel_mult "" (its tensors say 1,2,3,4)',
  );
});

test("recognise lists missing, unexpected and mis-shaped keys", () => {
  const shapes = shapesOf(structureFromFlags("unet", parseModelFlags(unet)));
  shapes.delete("middle_block.1.qkv.bias");
  shapes.set("encoder.weight", [2]);
  shapes.set("out.0.bias", [31]);
  expect(refusal(stateOf(shapes), heads).split("\n")).toEqual([
    'Cannot use checkpoint "unet.pt": its tensors do not make a UNetModel',
    "  missing: middle_block.1.qkv.bias",
    "  unexpected: encoder.weight",
    "  mis-shaped: out.0.bias (31 instead of 32)",
  ]);
});

test("recognise lists a single missing key, whichever it is", () => {
  for (const role of ["unet", "classifier"] as const) {
    const whole = shapesOf(structureFromFlags(role, parseModelFlags(role === "unet" ? unet : classifier)));
    for (const key of whole.keys()) {
      const shapes = new Map(whole);
      shapes.delete(key);
      const message = refusal(stateOf(shapes), `${heads} --classifier_num_head_channels 16`);
      expect(message, key).toMatch(
        /its tensors (do not make a|are not those of)|it holds only a part of an ADM network/,
      );
      if (message.includes("do not make")) expect(message).toContain(`missing: ${key}`);
    }
  }
});

test("a long list of keys is cut", () => {
  const shapes = shapesOf(structureFromFlags("unet", parseModelFlags(unet)));
  for (const key of [...shapes.keys()].filter((key) => key.startsWith("middle_block."))) shapes.delete(key);
  expect(refusal(stateOf(shapes), heads)).toMatch(/missing: (middle_block[^,]+, ){2}middle_block\S+ and 23 more$/);
});

test("recognise refuses tensors of another kind of network", () => {
  const other = stateOf(
    new Map([
      ["features.0.weight", [64, 3, 11, 11]],
      ["classifier.weight", [10, 64]],
    ]),
  );
  expect(refusal(other, "")).toBe(
    'Cannot use checkpoint "unet.pt": its tensors are not those of a UNetModel, SuperResModel or EncoderUNetModel of guided-diffusion: a network of another kind is read from ONNX (torch.onnx.export)\n  it has features.0.weight, classifier.weight',
  );
});

test("recognise refuses a network in the other's place", () => {
  expect(() => recognise(state("classifier", classifier), "unet", {})).toThrow(
    "it is a classifier (EncoderUNetModel), not a UNet",
  );
  expect(() => recognise(state("unet", unet), "classifier", {})).toThrow("it is a UNetModel, not a classifier");
});

test("recognise refuses heads that do not divide the channels", () => {
  expect(refusal(state("unet", unet), "--image_size 32 --num_heads 3")).toContain(
    "--num_heads 3 does not divide the 64 channels of input_blocks.3.1",
  );
  expect(refusal(state("unet", unet), "--image_size 32 --num_head_channels 48")).toContain(
    "--num_head_channels 48 does not divide the 64 channels",
  );
  expect(refusal(state("unet", unet), "--image_size 32 --num_heads 2 --num_heads_upsample 5")).toContain(
    "--num_heads_upsample 5 does not divide the 64 channels of output_blocks.0.1",
  );
  expect(refusal(state("unet", unet), "--image_size 32 --num_heads 0")).toContain("--num_heads 0 does not divide");
  expect(refusal(state("classifier", classifier), "--classifier_num_heads 4")).toContain(
    "its attention pool needs the width of a head: give --classifier_num_head_channels",
  );
});

test("recognise says what to give where heads that nobody chose do not divide the channels", () => {
  const assumed = { defaults: { num_heads: 3 }, name: "unet.pt" };
  expect(() => recognise(state("unet", unet), "unet", { image_size: 32 }, assumed)).toThrow(
    /--num_heads 3 does not divide .*what divides 64 .*only what the scripts assume: give --num_heads or --num_head_channels/,
  );
});

test("recognise names the card where there is one that lacks something", () => {
  const options = { card: { image_size: 32 }, name: "unet.pt" };
  expect(() => recognise(state("unet", unet), "unet", {}, options)).toThrow('or put them in its card "unet.json"');
});

test("recognise refuses an image size that cannot be halved", () => {
  expect(refusal(state("unet", unet), "--image_size 33 --num_heads 4")).toContain(
    "images of 33 pixels cannot be halved 1 times",
  );
});

test("recognise asks which structure it is where shapes allow several", () => {
  const flat =
    "--image_size 32 --classifier_width 32 --classifier_attention_resolutions 4 --classifier_pool adaptive --classifier_resblock_updown True";
  const tensors = state("classifier", `${flat} --classifier_depth 1 --classifier_channel_mult 1,1`);
  const given = "--image_size 32 --classifier_num_heads 4";
  expect(refusal(tensors, given)).toContain(
    "its shapes allow 2 structures: give --classifier_depth 3 --classifier_channel_mult 1, or --classifier_depth 1 --classifier_channel_mult 1,1",
  );
  expect(known(tensors, `${given} --classifier_depth 1`).structure.levels).toHaveLength(2);
  expect(known(tensors, given, { defaults: { classifier_depth: 3, class_cond: true } }).structure.levels).toHaveLength(
    1,
  );
});

test("recognise does not search for a structure as deep as a key claims", () => {
  const shapes = shapesOf(structureFromFlags("unet", parseModelFlags(unet)));
  shapes.set("input_blocks.987654321.0.in_layers.2.weight", [32, 32, 3, 3]);
  expect(refusal(stateOf(shapes), heads)).toContain("its tensors are not those of a UNetModel");
});

test("a classifier's attention order is its own, not the UNet's that is typed beside it", () => {
  const tensors = state("classifier", classifier);
  const given = "--classifier_num_head_channels 16 --use_new_attention_order True";
  expect(known(tensors, given).heads.newOrder).toBe(false);
  expect(known(tensors, `${given} --classifier_use_new_attention_order True`).heads.newOrder).toBe(true);
  expect(known(tensors, "", { card: parseModelFlags(given) }).heads.newOrder).toBe(true);
});

test("a checkpoint of improved-diffusion's shapes under another name is told what it may be", () => {
  const { flags, role } = presets.find(({ names }) => names.includes("imagenet64_uncond_100M_1500K"))!;
  const tensors = stateOf(shapesOf(structureFromFlags(role, flags)));
  const { preset, facts, notes } = known(tensors, "--image_size 64 --num_heads 4", { name: "mine.pt" });
  expect(preset).toBeUndefined();
  expect(facts.process).toBeUndefined();
  expect(notes).toEqual([
    "it has the shapes of improved-diffusion's imagenet64_uncond_100M_1500K: if it is that one, give --diffusion_steps 4000 --noise_schedule cosine --rescale_timesteps True",
  ]);
  expect(known(tensors, "--image_size 64 --num_heads 4 --diffusion_steps 1000").notes).toEqual([]);
});

test("a network enlarges pictures where flags say so, not for its channels", () => {
  const upsampler = state("unet", unet.replace("--image_size", "--large_size"));
  const sizes = "--large_size 32 --small_size 8 --num_heads 4";
  expect(known(upsampler, sizes).facts).toMatchObject({ channels: 3, height: 32, lowRes: 8, learnSigma: false });
  const six = state("unet", `${unet} --in_channels 6`);
  expect(known(six, sizes).facts).toMatchObject({ channels: 3, learnSigma: true });
  expect(known(six, heads).facts).toMatchObject({ channels: 6, learnSigma: false });
  expect(known(upsampler, heads).facts).toMatchObject({ channels: 3, condition: 3, learnSigma: false });
  expect(refusal(state("unet", unet), sizes)).toContain("--large_size 32 (its tensors say UNetModel)");
});

describe("channels that are not x's", () => {
  // Segmentation: RGB and a mask of one channel, its variance learnt.
  const tensors = state("unet", `${unet} --in_channels 1 --condition_channels 3 --learn_sigma True`);
  test("are a condition, once something tells which they are", () => {
    expect(refusal(tensors, heads)).toBe(
      'Cannot use checkpoint "unet.pt": its 4 channels in and 2 out do not tell what x is: give --learn_sigma False (x of 2, condition of 2), or --learn_sigma True (x of 1, condition of 3)',
    );
    for (const told of ["--learn_sigma True", "--in_channels 1", "--condition_channels 3"])
      expect(known(tensors, `${heads} ${told}`).facts).toMatchObject({ channels: 1, condition: 3, learnSigma: true });
    expect(known(tensors, `${heads} --learn_sigma no`).facts).toMatchObject({ channels: 2, condition: 2 });
  });
  test("lie behind x unless it is told otherwise, which is said", () => {
    const { notes, flags } = known(tensors, `${heads} --learn_sigma True`);
    expect(notes).toEqual([expect.stringContaining("--condition_first True")]);
    expect(flags).toMatchObject({ in_channels: 1, condition_channels: 3, condition_first: false });
    expect(known(tensors, `${heads} --learn_sigma True --condition_first True`).notes).toEqual([]);
    expect(known(tensors, formatModelFlags(flags)).flags).toEqual(flags);
  });
  test.each([1, 2, 3, 4, 6, 8])(
    "are none where a network of %d channels answers with as many, or twice",
    (channels) => {
      for (const sigma of [true, false]) {
        const own = state("unet", `${unet} --in_channels ${channels} --learn_sigma ${sigma}`);
        const { facts } = known(own, heads);
        expect(facts).toMatchObject({ channels, learnSigma: sigma });
        expect(facts.condition).toBeUndefined();
      }
    },
  );
});

test("a card must fit as typed flags do, and its names must count the classes", () => {
  const tensors = state("classifier", classifier);
  const card = {
    classifier_num_head_channels: 16,
    out_channels: 10,
    classes: Array.from({ length: 10 }, (_, i) => `shape ${i}`),
  };
  expect(known(tensors, "", { card }).facts.classNames).toHaveLength(10);
  expect(refusal(tensors, "", { card: { ...card, classes: ["a", "b"] } })).toContain(
    "its card names 2 classes, its tensors have 10",
  );
  expect(refusal(tensors, "", { card: { ...card, out_channels: 8 } })).toContain(
    '--out_channels 8 of its card "unet.json" (its tensors say 10)',
  );
});

test("a null label must be one of the classes", () => {
  const tensors = state("unet", `${unet} --class_cond True --num_classes 11`);
  expect(refusal(tensors, `${heads} --null_label 11`)).toContain("the null label 11 is none of its 11 classes");
});

describe("keys that make work", () => {
  const stem: [string, readonly number[]][] = [
    ["time_embed.0.weight", [128, 32]],
    ["input_blocks.0.0.weight", [32, 3, 3, 3]],
    ["out.2.weight", [3, 32, 3, 3]],
    ["output_blocks.0.0.x", [1]],
  ];
  const blocks = (count: number, every = 1): [string, readonly number[]][] =>
    Array.from({ length: Math.ceil(count / every) }, (_, i) => [
      `input_blocks.${i * every}.0.out_layers.3.weight`,
      [32, 32, 3, 3],
    ]);
  test.each([
    ["five thousand blocks, of many divisors", blocks(5040)],
    ["every second of ten thousand", blocks(10_080, 2)],
    ["a block that is numbered beyond all", [["input_blocks.999999999.0.x", [1]] as [string, readonly number[]]]],
    ["a key of a hundred thousand dots", [["a.".repeat(100_000), [1]] as [string, readonly number[]]]],
    ["keys that a terminal obeys", [["\u001b[2J\u202egnp.exe", [1]] as [string, readonly number[]]]],
  ])("%s are told in a moment and in a few lines", (_, keys) => {
    const began = performance.now();
    const message = refusal(stateOf(new Map([...stem, ...keys])), heads);
    expect(performance.now() - began).toBeLessThan(2000);
    expect(message.length).toBeLessThan(4000);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not pass.
    expect(message).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202a-\u202e]/);
  });
});
