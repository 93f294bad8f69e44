/** A flag that does nothing where another is not given, or is, is said; with the value that its script has anyway it is not. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bundledModels } from "../../../server/files/package-root.ts";
import { type Idle, idleFlags } from "../../../server/flags/idle.ts";
import { sampleFlags } from "../../../server/sample/flags.ts";
import { idleForRole, idleInSample, type KnownNetwork } from "../../../server/sample/idle.ts";
import { guidegraph, temporaryFolder } from "../../support/cli.ts";

const folder = temporaryFolder();
const unet = join(bundledModels, "shapes32_diffusion.pt");
const classifier = join(bundledModels, "shapes32_shape_classifier.pt");

/** As it was before anything was typed. */
const network: KnownNetwork = { isOnnx: false, takesLabels: true, learnsVariance: false, flags: {} };

describe("the table of sample", () => {
  const said = (
    given: Parameters<typeof idleFlags<typeof sampleFlags, unknown>>[1],
    known: Partial<KnownNetwork> = {},
  ) =>
    idleFlags(idleInSample, given, {
      unet: { ...network, ...known },
      classifier: given.classifier_path ? { ...network, ...known } : undefined,
    });

  test.each<[string, Parameters<typeof said>[0], Partial<KnownNetwork>, RegExp]>([
    [
      "scale",
      { classifier_scale: 10, classifier_pool: "spatial" },
      {},
      /^--classifier_scale, --classifier_pool do nothing without --classifier_path/,
    ],
    ["depth", { classifier_depth: 4 }, {}, /^--classifier_depth does nothing without --classifier_path/],
    ["DDIM", { use_ddim: true, base_samples: "a.npz" }, {}, /^--use_ddim does nothing beside --base_samples/],
    ["eta", { eta: 1 }, {}, /^--eta does nothing without --use_ddim True/],
    [
      "eta of an upsampler",
      { eta: 1, use_ddim: true, base_samples: "a.npz" },
      {},
      /--eta does nothing beside --base_samples/,
    ],
    ["classes", { classes: "3" }, { takesLabels: false }, /^--classes does nothing here: the network takes no labels/],
    [
      "classes of an upsampler",
      { classes: "3", base_samples: "a.npz" },
      {},
      /^--classes does nothing beside --base_samples/,
    ],
    ["sigma", { sigma_small: true }, { learnsVariance: true }, /^--sigma_small does nothing here/],
    ["heads", { num_heads: 8, num_head_channels: 64 }, {}, /^--num_heads does nothing beside --num_head_channels/],
    [
      "heads of a classifier",
      { classifier_path: "c.pt", classifier_num_heads: 8, classifier_num_head_channels: 64 },
      {},
      /^--classifier_num_heads does nothing beside/,
    ],
    [
      "resampling",
      { conv_resample: false },
      { flags: { resblock_updown: true } },
      /^--conv_resample does nothing here/,
    ],
    [
      "resampling of a classifier",
      { classifier_path: "c.pt", classifier_conv_resample: false },
      { flags: { classifier_resblock_updown: true } },
      /^--classifier_conv_resample does nothing here/,
    ],
    ["a condition", { condition_first: true }, {}, /^--condition_first does nothing without --condition/],
    [
      "ONNX",
      { num_channels: 64, channel_mult: "1,2" },
      { isOnnx: true },
      /^--num_channels, --channel_mult do nothing here: --model_path is ONNX/,
    ],
    [
      "ONNX classifier",
      { classifier_path: "c.onnx", classifier_depth: 4 },
      { isOnnx: true },
      /^--classifier_depth does nothing here: --classifier_path is ONNX/,
    ],
  ])("%s", (_, given, known, line) => {
    expect(said(given, known).filter((one) => line.test(one))).toHaveLength(1);
  });

  test("says nothing of what counts, nor of the defaults that a script's command carries", () => {
    expect(said({ classifier_path: "c.pt", classifier_scale: 10, classes: "3", use_ddim: true, eta: 1 })).toEqual([]);
    const defaults = {
      classifier_scale: 1,
      classifier_pool: "attention",
      classifier_attention_resolutions: "32, 16, 8",
    };
    expect(said({ ...defaults, classifier_use_fp16: false, num_heads: 4, use_ddim: false, eta: 0 })).toEqual([]);
    expect(said({ classifier_scale: 0, classifier_depth: 4 })).toEqual([]);
  });

  test("has a place for every flag: a row, or the list of those that always count", () => {
    const inRows = new Set<string>(idleInSample.flatMap(({ flags }) => flags));
    const always = [
      ..."model_path classifier_path base_samples condition num_samples batch_size clip_denoised seed noise".split(" "),
      ..."emit-graph emit-only diffusion_steps noise_schedule timestep_respacing rescale_timesteps".split(" "),
      // They must fit the network, or are refused.
      ..."architecture in_channels out_channels condition_channels image_size large_size small_size".split(" "),
      ..."class_cond num_classes null_label learn_sigma predict_xstart use_fp16".split(" "),
      // Of training, which the help says.
      ..."dropout use_checkpoint use_kl rescale_learned_sigmas".split(" "),
    ];
    expect(Object.keys(sampleFlags).filter((name) => !inRows.has(name) && !always.includes(name))).toEqual([]);
    expect(always.filter((name) => inRows.has(name))).toEqual([]);
  });
});

test.each<[string, Parameters<typeof idleFlags<typeof sampleFlags, unknown>>[1], "unet" | "classifier", string[]]>([
  ["a UNet", { classifier_width: 64 }, "unet", ["--classifier_width does nothing here: the file is a UNet"]],
  ["a UNet", { classifier_width: 128, num_channels: 64 }, "unet", []],
  [
    "a classifier",
    { num_channels: 64, num_heads: 4 },
    "classifier",
    [expect.stringMatching(/^--num_channels does nothing here: .* begin with classifier_$/)],
  ],
  ["a classifier", { classifier_width: 64, weights: "ema", image_size: 64 }, "classifier", []],
])("of %s with %o a command of one file says so", (_, given, role, lines) => {
  expect(idleFlags(idleForRole as readonly Idle<typeof sampleFlags, unknown>[], given, { role })).toEqual(lines);
});

describe("on the command line", () => {
  test("sample says it before the run, and goes on", async () => {
    const typed = [
      "--classifier_scale",
      "10",
      "--classifier_pool",
      "attention",
      "--eta",
      "1",
      "--num_samples",
      "1",
      "--batch_size",
      "1",
    ];
    const emit = ["--emit-only", "--emit-graph", join(folder, "graph.json")];
    const { code, err } = await guidegraph(["sample", "--model_path", unet, ...typed, ...emit]);
    expect(code).toBe(0);
    expect(err).toEqual([
      "--classifier_scale does nothing without --classifier_path: no classifier guides",
      "--eta does nothing without --use_ddim True: it is DDIM's",
    ]);
  });

  test("convert and models inspect say what is of the other kind of network", async () => {
    const line = "--classifier_width does nothing here: the file is a UNet";
    for (const command of [
      ["convert", unet, "-o", join(folder, "a.onnx")],
      ["models", "inspect", unet],
    ])
      expect(await guidegraph([...command, "--classifier_width", "64"])).toMatchObject({ code: 0, err: [line] });
    const { err } = await guidegraph(["models", "inspect", classifier, "--num_res_blocks", "3"]);
    expect(err).toEqual([expect.stringMatching(/^--num_res_blocks does nothing here/)]);
  });

  test.each([
    ["serve --log-size 1MiB", "--log-size does nothing without --log-file"],
    ["worker --redis redis://h --server http://h --log-keep 3", "--log-keep does nothing without --log-file"],
    ["worker --redis redis://h --results /tmp --token-file /tmp/token", "--token-file does nothing without --server"],
    ["serve --results /tmp", "--results does nothing without --redis"],
    ["serve --only-workers", "--only-workers does nothing without --redis"],
    ["evaluate a.npz --classifier_output logits", "--classifier_output does nothing without --classifier"],
    ["models list --num_channels 64", "--num_channels does nothing beside list"],
    ["sample --model_path a.pt --emit-only", "--emit-only needs --emit-graph"],
  ])("%s is refused", async (typed, line) => {
    expect(await guidegraph(typed.split(" "))).toMatchObject({ code: 2, err: [expect.stringContaining(line)] });
  });
});
