import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import {
  bytesSource,
  chooseWeights,
  describeWeights,
  parseModelFlags,
  readCheckpoint,
  recognise,
  shapesOf,
  structureFromFlags,
  toHalfBytes,
} from "../../../onnx/index.ts";
import { fileSource } from "../../support/files.ts";
import { golden, unetFlags } from "../../support/golden.ts";
import { goldenFile } from "../../support/golden-file.ts";
import { randomTensors, type StoredTensor } from "../../support/write-checkpoint.ts";
import {
  dict,
  python,
  pythonCall,
  pythonClass,
  safetensorsBytes,
  savedBytes,
  stateDict,
} from "../../support/write-pickle.ts";

const small = "--image_size 32 --num_channels 32 --num_res_blocks 1 --channel_mult 1,2 --attention_resolutions 16";
const shapes = shapesOf(structureFromFlags("unet", parseModelFlags(small)));
const [raw, averaged] = [1, 2].map((seed) => randomTensors(shapes, seed));
const judge = randomTensors(
  shapesOf(
    structureFromFlags(
      "classifier",
      parseModelFlags(
        "--image_size 32 --classifier_width 32 --classifier_depth 1 --classifier_channel_mult 1,2 --num_classes 10",
      ),
    ),
  ),
);
const loose = (name: string): StoredTensor => ({ name, type: "float32", dims: [1], bytes: () => new Uint8Array(4) });
const open = (content: Uint8Array) => readCheckpoint(bytesSource("unet.ckpt", content));
const saved = (value: unknown) => open(savedBytes(value));
const bare = (tensors: readonly StoredTensor[], prefix: string) =>
  new Map(tensors.map((tensor) => [prefix + tensor.name.replaceAll(".", ""), tensor]));

/** Where scripts put weights, and the name under which they are found. */
const places: Record<string, [value: unknown, name: string, averaged?: true]> = {
  "the file itself": [stateDict(raw), ""],
  state_dict: [dict({ epoch: 3, state_dict: stateDict(raw) }), "state_dict"],
  model: [dict({ model: stateDict(raw), optimizer: dict({ lr: 0.1 }) }), "model"],
  model_state_dict: [dict({ model_state_dict: stateDict(raw) }), "model_state_dict"],
  params_ema: [dict({ params: stateDict(raw), params_ema: stateDict(averaged) }), "params_ema", true],
  "module., of DataParallel": [stateDict(raw, "module."), "module"],
  "_orig_mod., of torch.compile": [stateDict(raw, "_orig_mod."), "_orig_mod"],
  "both in a dict in a dict": [dict({ a: dict({ b: stateDict(raw, "module._orig_mod.") }) }), "a.b.module._orig_mod"],
  "denoise_fn. beside buffers": [new Map([...stateDict(raw, "denoise_fn."), ["betas", loose("betas")]]), "denoise_fn"],
  "inner_model.": [dict({ model: stateDict(raw, "inner_model.") }), "model.inner_model"],
  "latent diffusion": [
    dict({
      state_dict: new Map([
        ["betas", loose("betas")],
        ...stateDict(raw, "model.diffusion_model."),
        ...bare(averaged, "model_ema.diffusion_model"),
        ["model_ema.decay", loose("model_ema.decay")],
        ["first_stage_model.encoder.conv_in.weight", loose("w")],
      ]),
      callbacks: new Map([[pythonClass("pytorch_lightning.callbacks.ModelCheckpoint"), dict({ best: 1 })]]),
    }),
    "state_dict.model_ema.diffusion_model",
    true,
  ],
  "online_model. beside ema_model.": [
    new Map([
      ...stateDict(raw, "online_model.model."),
      ...stateDict(averaged, "ema_model.model."),
      ["step", loose("step")],
    ]),
    "ema_model.model",
    true,
  ],
  "AveragedModel of torch.optim.swa_utils": [
    dict({ net: stateDict(raw), mean: new Map([["n_averaged", loose("n")], ...stateDict(averaged, "module.")]) }),
    "mean.module",
    true,
  ],
  "an object that keeps the average": [
    dict({ model: stateDict(raw), ema: python("utils.ExponentialMovingAverage", { shadow: stateDict(averaged) }) }),
    "ema.shadow",
    true,
  ],
  "an average that is one of two beside others": [
    dict({
      model: stateDict(raw, "model."),
      ema: new Map([...stateDict(raw, "online_model.model."), ...stateDict(averaged, "ema_model.model.")]),
    }),
    "ema.ema_model.model",
    true,
  ],
  "a list of averaged parameters": [
    dict({ model: stateDict(raw, "module."), ema: dict({ decay: 0.999, shadow_params: averaged }) }),
    "ema.shadow_params",
    true,
  ],
  "a list of others": [dict({ model: stateDict(raw), grads: averaged }), "model"],
  "a pair in a list": [[stateDict(raw), dict({ step: 1 })], "0"],
  "an average that is not complete": [dict({ model: stateDict(raw), ema: stateDict(averaged.slice(5)) }), "model"],
};
for (const [what, [value, name, isAveraged = false]] of Object.entries(places))
  test(`weights are found in ${what}`, async () => {
    const chosen = chooseWeights(await saved(value), "unet");
    expect(chosen).toMatchObject({ name, averaged: isAveraged });
    expect([...chosen.state.keys()].sort()).toEqual([...shapes.keys()].sort());
    const wanted = isAveraged ? averaged : raw;
    const read = await chosen.state.get("out.2.weight")!.read();
    expect(Buffer.from(read)).toEqual(Buffer.from(wanted.find(({ name }) => name === "out.2.weight")!.bytes()));
    expect(recognise(chosen.state, "unet", parseModelFlags("--image_size 32 --num_heads 4")).role).toBe("unet");
  });

test("objects beside the weights are records, in whatever library they are", async () => {
  const tensors = await saved(
    dict({
      hyper_parameters: pythonCall("omegaconf.dictconfig.DictConfig", dict({ lr: 1 })),
      args: python("argparse.Namespace", { lr: 1e-4, out: pythonCall("pathlib.PosixPath", "/", "tmp") }),
      at: pythonCall("datetime.datetime", "\u0007"),
      best: pythonCall("numpy.core.multiarray.scalar", pythonCall("numpy.dtype", "f8", false, true), "12345678"),
      newer: pythonCall("numpy._core.multiarray.scalar", pythonCall("numpy.dtype", "f8", false, true), "12345678"),
      mode: pythonCall("my.Mode", 1),
      schedule: python("torch.optim.lr_scheduler.LambdaLR", { last_epoch: 3 }),
      optimizer: dict({
        state: new Map([[0, dict({ exp_avg: loose("m"), step: 4 })]]),
        param_groups: [dict({ betas: [0.9, 0.99] })],
      }),
      model: stateDict(raw),
    }),
  );
  const chosen = chooseWeights(tensors);
  expect(chosen.name).toBe("model");
  expect(describeWeights(chosen)).toEqual(["1 tensor is left over: optimizer.state.0.exp_avg"]);
});

test("what was averaged is taken and said, and --weights takes another", async () => {
  const extra = ["betas", "a", "b", "c", "d"].map((name) => [name, loose(name)] as const);
  const tensors = await saved(
    new Map<unknown, unknown>([["model", stateDict(raw)], ["ema_0.9999", stateDict(averaged)], ...extra]),
  );
  expect(describeWeights(chooseWeights(tensors))).toEqual([
    'the averaged weights ema_0.9999 are taken, not model: --weights takes others, by name, or "raw"',
    "5 tensors are left over: betas, a, b, c …",
  ]);
  for (const wanted of ["raw", "model"]) expect(chooseWeights(tensors, "unet", wanted).name).toBe("model");
  for (const wanted of ["ema", "ema_0.9999"]) expect(chooseWeights(tensors, "unet", wanted).averaged).toBe(true);
  expect(() => chooseWeights(tensors, "unet", "swa")).toThrow(
    'it has no weights "swa" (--weights); there are model, ema_0.9999 (averaged)',
  );
});

test("a network of the wanted role is taken; of several that differ one must be named", async () => {
  const other = randomTensors(shapesOf(structureFromFlags("unet", parseModelFlags(`${small} --class_cond True`))));
  const both = await saved(dict({ diffusion: stateDict(raw), classifier: stateDict(judge) }));
  expect(chooseWeights(both, "unet").name).toBe("diffusion");
  expect(chooseWeights(both, "classifier").name).toBe("classifier");
  const cascade = await saved(dict({ unets: [stateDict(raw), stateDict(other)] }));
  expect(() => chooseWeights(cascade, "unet")).toThrow(
    "it holds several networks: give --weights with one of unets.1, unets.0",
  );
  expect(chooseWeights(cascade, "unet", "unets.1").state.has("label_emb.weight")).toBe(true);
});

test("what is not complete is told as recognise tells it", async () => {
  const { state } = chooseWeights(await saved(dict({ model: stateDict(raw.slice(0, -1)) })));
  expect(() => recognise(state, "unet", parseModelFlags("--image_size 32 --num_heads 4"))).toThrow(
    /its tensors do not make a UNetModel\n {2}missing: out.2.bias/,
  );
});

test("a thousand prefixes are looked through in a moment", async () => {
  const many = new Map<unknown, unknown>(
    Array.from({ length: 1000 }, (_, i) => [`p${i}.time_embed.0.weight`, loose("w")]),
  );
  const tensors = await saved(many);
  const began = performance.now();
  chooseWeights(tensors);
  expect(performance.now() - began).toBeLessThan(5000);
});

/** Copies of a golden checkpoint: each tensor's bytes are those of the plain one. */
const hash = (values: Float32Array) =>
  createHash("sha256")
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest("hex");
const widened = async (state: Awaited<ReturnType<typeof open>>) =>
  new Map(
    await Promise.all([...state].map(async ([name, tensor]) => [name, hash(await tensor.readFloat32())] as const)),
  );
test("copies of a golden checkpoint have the plain one's bytes", async () => {
  const plain = await readCheckpoint(fileSource(goldenFile("guided_ddim_cosine", "model.pt")));
  const stored = async (type: StoredTensor["type"], convert: (values: Float32Array) => Uint8Array) =>
    Promise.all(
      [...plain].map(async ([name, tensor]): Promise<StoredTensor> => {
        const bytes = convert(await tensor.readFloat32());
        return { name, type, dims: tensor.dims, bytes: () => bytes };
      }),
    );
  const as = {
    float32: await stored("float32", (values) => new Uint8Array(values.slice().buffer)),
    float16: await stored("float16", (values) => toHalfBytes(values)),
    bfloat16: await stored("bfloat16", (values) => {
      const bits = Uint16Array.from(new Uint32Array(values.slice().buffer), (bits) => bits >>> 16);
      return new Uint8Array(bits.buffer);
    }),
    float64: await stored("float64", (values) => new Uint8Array(Float64Array.from(values).buffer)),
  };
  const flags = unetFlags(golden("guided_ddim_cosine").flags);
  for (const [type, tensors] of Object.entries(as)) {
    const wanted = await widened(await open(savedBytes(stateDict(tensors))));
    if (type === "float32" || type === "float64") expect(wanted).toEqual(await widened(plain));
    const copies = {
      nested: savedBytes(dict({ step: 1, state_dict: stateDict(tensors) })),
      prefixed: savedBytes(stateDict(tensors, "module.model.diffusion_model.")),
      "nested and prefixed": savedBytes(dict({ a: dict({ ema: stateDict(tensors, "_orig_mod.") }) })),
      safetensors: safetensorsBytes(tensors),
      "prefixed safetensors": safetensorsBytes(tensors.map((tensor) => ({ ...tensor, name: `model.${tensor.name}` }))),
    };
    for (const [copy, content] of Object.entries(copies)) {
      const { state } = chooseWeights(await open(content), "unet");
      expect(await widened(state), `${type} ${copy}`).toEqual(wanted);
      expect(recognise(state, "unet", flags).role).toBe("unet");
    }
  }
}, 60_000);
