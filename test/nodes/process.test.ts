/** Labels and noise from batch to batch, and what the nodes ask of networks. */
import { describe, expect, test } from "vitest";
import { type Noise, schedule, type Tensor } from "../../diffusion/index.ts";
import { type AnyNode, type Labels, nodes } from "../../nodes/index.ts";
import { classifierFacts, fakeContext, fakeUnet, unetFacts } from "../support/fake-context.ts";
import { golden } from "../support/golden.ts";

const defaults = { classes: "", count: 0, num_classes: 0, seed: 0, generator: "philox" };
const labelsOf = async (inputs: object, batch = 0) =>
  ((await nodes["guidegraph/class-labels"].run({ ...defaults, ...inputs }, fakeContext(batch))) as { labels: Labels })
    .labels;

const unet = fakeUnet(unetFacts);
const classifier = { key: "c", facts: classifierFacts, logits: async () => ({ dims: [0], data: new Float32Array() }) };

describe("Class Labels", () => {
  test("makes a batch of the list, or repeats it over all batches", async () => {
    expect((await labelsOf({ classes: "3" })).values).toEqual([3]);
    expect((await labelsOf({ classes: "3,3,7" })).values).toEqual([3, 3, 7]);
    expect((await labelsOf({ classes: "1,2,3", count: 2 }, 1)).values).toEqual([3, 1]);
  });

  test("reads names where the classifier, or else the model, has some", async () => {
    expect((await labelsOf({ classes: "red star, 0, Square", classifier })).values).toEqual([2, 0, 1]);
    expect(
      (await labelsOf({ classes: "square", model: fakeUnet({ ...unetFacts, classNames: ["circle", "square"] }) }))
        .values,
    ).toEqual([1]);
  });

  test("draws below the classifier's classes, else below the model's without its null label", async () => {
    const many = { count: 300 };
    const highest = async (inputs: object) => Math.max(...(await labelsOf({ ...many, ...inputs })).values);
    expect(await highest({ classifier, model: unet })).toBe(2);
    expect(await highest({ model: unet })).toBe(9);
    expect(await highest({ num_classes: 5, model: unet })).toBe(4);
  });

  test("draws the same label for a sample in any batch", async () => {
    const whole = (await labelsOf({ count: 6, num_classes: 100 })).values;
    const parts = await Promise.all([0, 1, 2].map((batch) => labelsOf({ count: 2, num_classes: 100 }, batch)));
    expect(parts.flatMap(({ values }) => values)).toEqual(whole);
  });

  test("draws the labels of the reference's script, batch after batch", async () => {
    const { flags, expected } = golden("script_two_batches");
    const made = schedule({ noiseSchedule: "cosine", timestepRespacing: flags.model.timestep_respacing ?? "" });
    const model = fakeUnet({ channels: 3, height: 16, width: 16, classes: 10 });
    const inputs = { count: 2, num_classes: 10, seed: flags.seed, generator: "torch", model, schedule: made };
    const batches = await Promise.all([0, 1].map((batch) => labelsOf(inputs, batch)));
    expect(batches.flatMap(({ values }) => values).slice(0, 3)).toEqual(Array.from(expected.arr_1.data, Number));
    expect(batches.map(({ drawn }) => drawn)).toEqual([2, 2]);
    await expect(async () => labelsOf({ ...inputs, schedule: undefined }, 1)).rejects.toThrow(
      /wire the model and the schedule/,
    );
  });
});

describe("Gaussian Noise", () => {
  const noiseDefaults = {
    seed: 5,
    generator: "philox",
    batch: 1,
    height: 0,
    width: 0,
    channels: 0,
    stream: 0,
    model: unet,
  };
  const noiseOf = (inputs: object, batch = 0) =>
    nodes["guidegraph/gaussian-noise"].run({ ...noiseDefaults, ...inputs }, fakeContext(batch)) as {
      x_T: Tensor;
      noise: Noise;
    };

  test("goes on with torch's draws only where Class Labels counted those of such pictures", async () => {
    const made = schedule({ noiseSchedule: "cosine", timestepRespacing: "ddim2" });
    const inputs = { generator: "torch", schedule: made };
    const counted = { num_classes: 3, count: 2, seed: 5, classes: "" };
    const node = nodes["guidegraph/class-labels"];
    const world = { ...fakeContext(), batch: { index: 0, count: 2 } };
    const { labels } = await node.run({ ...counted, ...inputs, model: unet }, world);
    const draw = (sides: object) =>
      nodes["guidegraph/gaussian-noise"].run({ ...noiseDefaults, ...inputs, labels, ...sides }, world);
    expect(() => draw({ height: 8 })).toThrow("counts them for pictures of 3×4×4, its network's, and these are 3×8×8");
    expect(draw({})).toHaveProperty("x_T.dims", [2, 3, 4, 4]);
  });

  test("takes the batch from labels, the size from the model", () => {
    expect(noiseOf({ batch: 3 }).x_T.dims).toEqual([3, 3, 4, 4]);
    expect(noiseOf({ labels: { values: [1, 2] }, batch: 3 }).x_T.dims).toEqual([2, 3, 4, 4]);
    expect(noiseOf({ model: undefined, height: 6, channels: 1 }).x_T.dims).toEqual([1, 1, 6, 6]);
  });

  test("gives a sample the same noise in any batch", () => {
    const whole = noiseOf({ batch: 4 });
    const second = noiseOf({ batch: 2 }, 1);
    expect(second.x_T.data).toEqual(whole.x_T.data.subarray(96));
    expect(second.noise.draw(3).data).toEqual(whole.noise.draw(3).data.subarray(96));
  });

  test("with torch goes on after the labels and the batches before", () => {
    const made = schedule({ timestepRespacing: "6" });
    const inputs = { generator: "torch", labels: { values: [1, 2], drawn: 2 }, schedule: made };
    const [first, second] = [noiseOf(inputs), noiseOf(inputs, 1)];
    expect(first.x_T).not.toEqual(noiseOf({ ...inputs, labels: { values: [1, 2] } }).x_T);
    expect(second.x_T.data).not.toEqual(first.noise.draw(6).data);
    expect(() => noiseOf({ ...inputs, schedule: undefined }, 1)).toThrow(/wire the schedule/);
  });
});

describe("Predict", () => {
  const made = schedule();
  const x = { dims: [2, 3, 4, 4], data: new Float32Array(96) };
  const predict = async (facts: typeof unetFacts, inputs: object) => {
    const asked: unknown[][] = [];
    await nodes["guidegraph/predict"].run(
      { model: fakeUnet(facts, asked), x, step: made.at(7), ...inputs } as never,
      fakeContext(),
    );
    return asked;
  };

  test("gives the labels, or the null label for every sample, or none", async () => {
    expect(await predict(unetFacts, { labels: { values: [3, 4] } })).toEqual([["predict", 7, [3, 4], undefined]]);
    expect(await predict(unetFacts, {})).toEqual([["predict", 7, [10, 10], undefined]]);
    const { classes: _, nullLabel: __, ...unconditional } = unetFacts;
    expect(await predict(unconditional, {})).toEqual([["predict", 7, undefined, undefined]]);
  });

  test("refuses at run what facts did not tell", async () => {
    await expect(predict(unetFacts, { labels: { values: [3, 4, 5] } })).rejects.toThrow("3 labels for a batch of 2");
    await expect(predict(unetFacts, { labels: { values: [3, 11] } })).rejects.toThrow("label 11");
    await expect(predict({ ...unetFacts, lowRes: 2 }, {})).rejects.toThrow("low_res");
  });
});

describe("Diffusion Schedule", () => {
  const own = {
    noise_schedule: "",
    diffusion_steps: 0,
    timestep_respacing: "",
    rescale_timesteps: "",
    sigma_small: false,
  };
  const made = (inputs: object) =>
    nodes["guidegraph/diffusion-schedule"].run({ ...own, ...inputs }, fakeContext()) as {
      schedule: ReturnType<typeof schedule>;
    };

  test("takes what is left open from the model, then from the reference's defaults", () => {
    const cosine = schedule({ noiseSchedule: "cosine", diffusionSteps: 200, rescaleTimesteps: true });
    expect(made({ model: unet }).schedule.key).toBe(cosine.key);
    expect(made({}).schedule.key).toBe(schedule().key);
    const mixed = schedule({ noiseSchedule: "linear", diffusionSteps: 200, rescaleTimesteps: false });
    expect(made({ model: unet, noise_schedule: "linear", rescale_timesteps: "no" }).schedule.key).toBe(mixed.key);
  });

  /** Before the run, of a model whose file is missing. */
  const inferred = (parameters: Partial<typeof own>) => {
    const parameter = (name: string) => ({ ...own, ...parameters })[name as keyof typeof own];
    return (nodes["guidegraph/diffusion-schedule"] as AnyNode).infer?.({ model: {} }, { parameter } as never);
  };

  test.each(["", "ddim25", "2000", "10,15,20", "karras20"])(
    "leaves open how many steps a model has that is not here: of %j",
    (respacing) => {
      expect(inferred({ timestep_respacing: respacing })).toEqual({ schedule: {} });
    },
  );

  test("refuses before the run what is no spacing of any steps, or of those that are typed", () => {
    expect(() => inferred({ timestep_respacing: "ddimx" })).toThrow();
    expect(() => inferred({ timestep_respacing: "2000", diffusion_steps: 1000 })).toThrow(/2000/);
    expect(inferred({ timestep_respacing: "2000", diffusion_steps: 4000 })).toMatchObject({
      schedule: { count: 2000 },
    });
  });
});
