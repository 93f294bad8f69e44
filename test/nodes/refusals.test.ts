/** What the editor and the planner refuse before anything runs, and the words they do it with. */
import { describe, expect, test } from "vitest";
import { zeros } from "../../diffusion/index.ts";
import { type AnyNode, GraphError, nodes, type Registry } from "../../nodes/index.ts";
import { classifierFacts, fakeContext, fakeKnown, networkFacts, unetFacts } from "../support/fake-context.ts";

/** The error that the node's `infer` throws, with its defaults where no parameter is given. */
function refusal(
  type: keyof typeof nodes,
  facts: Readonly<Record<string, object>>,
  parameters: Readonly<Record<string, unknown>> = {},
) {
  const node = (nodes as Registry)[type] as AnyNode;
  const defaults = Object.entries(node.inputs as Record<string, { parameter?: { default: unknown } }>).flatMap(
    ([name, { parameter }]) => (parameter ? [[name, parameter.default]] : []),
  );
  try {
    node.infer!(facts, fakeKnown({ ...Object.fromEntries(defaults), ...parameters }));
  } catch (error) {
    if (error instanceof GraphError) return [error.port, error.message];
    throw error;
  }
  return undefined;
}

const size = { batch: 2, channels: 3, height: 4, width: 4 };
const x = { ...size, meaning: "x" };
const gradient = { ...size, meaning: "gradient" };

describe("sizes", () => {
  test("that contradict each other name both ports and the dimension", () => {
    expect(refusal("guidegraph/add", { a: gradient, b: { ...gradient, height: 8, width: 8 } })).toEqual([
      "b",
      "Cannot use b (2×3×8×8) with a (2×3×4×4): its sides must be 4×4",
    ]);
    expect(refusal("guidegraph/ddpm-step", { prediction: size, noise: { ...size, batch: 4 } })).toEqual([
      "noise",
      "Cannot use noise (4×3×4×4) with prediction (2×3×4×4): its batch must be 2",
    ]);
    expect(refusal("guidegraph/predict", { model: unetFacts, x: { ...x, height: 64, width: 64 } })?.[0]).toBe("x");
    expect(
      refusal("guidegraph/guidance-gradient", {
        cond_fn: { ...classifierFacts, batch: 2 },
        x: { ...x, batch: 3 },
      })?.[0],
    ).toBe("x");
    expect(refusal("guidegraph/save-npz", { images: size, labels: { batch: 3 } })?.[0]).toBe("labels");
    expect(
      refusal("guidegraph/mask", { tensor: size, mask: { batch: 3, channels: 1, height: 4, width: 4 } })?.[0],
    ).toBe("mask");
  });
  test("of logits are a class each, and no places", () => {
    const logits = (sides: object) =>
      refusal("guidegraph/log-probability", { logits: { batch: 2, channels: 5, ...sides }, labels: { max: 4 } });
    for (const sides of [{}, { height: 1, width: 1 }]) expect(logits(sides)).toBeUndefined();
    expect(logits({ height: 4, width: 1 })?.[1]).toContain("these have 4×1 places: Reduce them over space first");
  });
  test.each([
    [{ left: 0.5, right: 0.25 }, "right"],
    [{ top: 0.75, bottom: 0.5 }, "bottom"],
    [{ left: 0.5, right: 0.5 }, undefined],
  ])("of a box that ends before it begins are refused: %j", (box, port) => {
    expect(refusal("guidegraph/box-mask", {}, { height: 8, width: 8, ...box })?.[0]).toBe(port);
  });
  test("that are not known are not judged", () => {
    expect(refusal("guidegraph/add", { a: { channels: 3 }, b: { height: 8, width: 8 } })).toBeUndefined();
    expect(
      refusal("guidegraph/mask", { tensor: size, mask: { batch: 1, channels: 1, height: 4, width: 4 } }),
    ).toBeUndefined();
  });
});

describe("meanings", () => {
  test("a gradient is no x", () => {
    const wanted = ["x", "Cannot use a gradient as x: wire x or a mean or a predicted x₀"];
    expect(refusal("guidegraph/predict", { model: unetFacts, x: gradient })).toEqual(wanted);
    expect(refusal("guidegraph/guidance-gradient", { cond_fn: classifierFacts, x: gradient })).toEqual(wanted);
    expect(refusal("guidegraph/decode-image", { x: gradient })?.[0]).toBe("x");
    expect(refusal("guidegraph/mean-variance", { model_output: unetFacts, x: gradient })?.[0]).toBe("x");
  });
  test("x is no gradient", () => {
    expect(refusal("guidegraph/condition-mean", { prediction: size, gradient: x })).toEqual([
      "gradient",
      "Cannot use x as gradient: wire a gradient",
    ]);
    expect(
      refusal("guidegraph/condition-score", { prediction: size, gradient: { ...size, meaning: "eps" } })?.[0],
    ).toBe("gradient");
  });
  test("the mean is a fine place to ask for a gradient at", () =>
    expect(
      refusal("guidegraph/guidance-gradient", { cond_fn: classifierFacts, x: { ...size, meaning: "mean" } }),
    ).toBeUndefined());
  test("arithmetic keeps what gradients are", () => {
    const { add, scale } = { add: nodes["guidegraph/add"], scale: nodes["guidegraph/scale"] };
    const known = fakeKnown({});
    expect(add.infer!({ a: gradient as never, b: gradient as never }, known).tensor?.meaning).toBe("gradient");
    expect(add.infer!({ a: x as never, b: gradient as never }, known).tensor?.meaning).toBe("x");
    expect(add.infer!({ a: x as never, b: { ...x, meaning: "eps" } as never }, known).tensor?.meaning).toBeUndefined();
    expect(scale.infer!({ tensor: gradient as never }, known).tensor).toEqual(gradient);
  });
});

describe("labels", () => {
  test("out of range are refused with the range", () => {
    expect(refusal("guidegraph/build-cond-fn", { classifier: classifierFacts, labels: { batch: 2, max: 3 } })).toEqual([
      "labels",
      "Cannot use label 3: the classifier has 3 classes, 0 to 2",
    ]);
    expect(refusal("guidegraph/predict", { model: unetFacts, x, labels: { batch: 2, max: 11 } })?.[1]).toContain(
      "0 to 10",
    );
  });
  test("are needed by a class-conditional model without a null label", () => {
    const { nullLabel: _, ...conditional } = unetFacts;
    expect(refusal("guidegraph/predict", { model: conditional, x })).toEqual([
      "labels",
      "Cannot predict without labels: the model is class-conditional (11 classes) and has no null label",
    ]);
    expect(refusal("guidegraph/predict", { model: unetFacts, x })).toBeUndefined();
  });
  test("are refused by a model that is not class-conditional", () => {
    const { nullLabel: _, classes: __, ...unconditional } = unetFacts;
    expect(refusal("guidegraph/predict", { model: unconditional, x, labels: { batch: 2, max: 1 } })?.[0]).toBe(
      "labels",
    );
    expect(refusal("guidegraph/predict", { model: unconditional, x })).toBeUndefined();
  });
  test("that cannot be read are quoted, with the names there are", () => {
    expect(refusal("guidegraph/class-labels", { classifier: classifierFacts }, { classes: "1, blue" })).toEqual([
      "classes",
      'Cannot read class "blue": give numbers from 0, separated by commas, or names: circle, square, Red Star',
    ]);
    for (const classes of ["-1", "1.5", "1,,2", "1e3", "9007199254740993"])
      expect(refusal("guidegraph/class-labels", {}, { classes })?.[0]).toBe("classes");
  });
  test("cannot be drawn below nothing", () =>
    expect(refusal("guidegraph/class-labels", {})).toEqual([
      "num_classes",
      "Cannot draw labels: give classes, give num_classes, or wire a classifier",
    ]));
});

describe("predictions whose mean alone was conditioned", () => {
  const prediction = { ...size, conditioned: "mean" };
  test.each(["ddim-step", "ddim-reverse-step", "condition-score"] as const)(
    "are refused by %s, with what to use",
    (name) => {
      const [port, message] = refusal(`guidegraph/${name}`, { prediction, gradient, noise: size })!;
      expect(port).toBe("prediction");
      expect(message).toContain("use Condition Score instead of Condition Mean");
    },
  );
  test("are fine for DDPM", () => expect(refusal("guidegraph/ddpm-step", { prediction, noise: size })).toBeUndefined());
});

test("a classifier whose gradient does not reach its picture guides nothing, and says why", () =>
  expect(
    refusal("guidegraph/build-cond-fn", { classifier: { ...classifierFacts, stopped: 'it ends at Round "q"' } }),
  ).toEqual([
    "classifier",
    'Cannot guide by this classifier, its gradient does not reach the picture: it ends at Round "q"',
  ]));

describe("a network", () => {
  const wired = { network: networkFacts, x: size, step: {}, other: size };

  test("gives the outputs that it has", () => {
    expect(refusal("guidegraph/apply-network", wired)).toBeUndefined();
    expect(refusal("guidegraph/apply-network", wired, { output: "features" })).toBeUndefined();
    expect(refusal("guidegraph/apply-network", wired, { output: "mood" })).toEqual([
      "output",
      'The network has no output "mood": there are "features" ?×3×4×4',
    ]);
  });

  test("takes a step and a second tensor where its file has them, and only there", () => {
    const { step, other, ...bare } = wired;
    expect(refusal("guidegraph/apply-network", { ...bare, other })?.[0]).toBe("step");
    expect(refusal("guidegraph/apply-network", { ...bare, step })?.[0]).toBe("other");
    const plain = { ...networkFacts, timed: false, takesOther: false };
    expect(refusal("guidegraph/apply-network", { ...bare, network: plain, step })?.[0]).toBe("step");
    expect(refusal("guidegraph/apply-network", { ...bare, network: plain, other })?.[0]).toBe("other");
    expect(refusal("guidegraph/apply-network", { ...bare, network: plain })).toBeUndefined();
  });
});

describe("sides", () => {
  const free = { ...unetFacts, multiple: 4 };
  const of = (height: number, width: number) => ({ ...x, height, width });
  const size = (facts: object) => facts as { height?: number; width?: number };

  test("may be any multiples of what a network says, and its own", () => {
    for (const sides of [of(4, 4), of(8, 4), of(64, 12)])
      expect(refusal("guidegraph/predict", { model: free, x: sides })).toBeUndefined();
    expect(refusal("guidegraph/predict", { model: { ...free, height: 6, width: 6 }, x: of(6, 6) })).toBeUndefined();
    expect(refusal("guidegraph/predict", { model: free, x: of(8, 6) })).toEqual([
      "x",
      "Cannot use x (2×3×8×6) with this network: its width must be a multiple of 4",
    ]);
    const cond_fn = { ...classifierFacts, multiple: 4 };
    expect(refusal("guidegraph/guidance-gradient", { cond_fn, x: of(6, 8) })?.[1]).toMatch(/height must be a multiple/);
    expect(refusal("guidegraph/guidance-gradient", { cond_fn: classifierFacts, x: of(4, 8) })?.[1]).toMatch(
      /its width must be 4/,
    );
  });

  test("of what a network makes are those of its x, not those it was trained on", () => {
    const { model_output } = nodes["guidegraph/predict"].infer!(
      { model: free, x: { ...of(8, 12), meaning: "x" } },
      fakeKnown(),
    );
    expect(size(model_output!)).toMatchObject({ height: 8, width: 12 });
    expect(model_output).not.toHaveProperty("multiple");
    const unknown = nodes["guidegraph/predict"].infer!({ model: free, x: {} }, fakeKnown());
    expect(unknown.model_output).not.toHaveProperty("height");
  });

  test("of noise are the network's, a square of the height, or both", () => {
    const noise = (height: number, width: number) =>
      size(
        nodes["guidegraph/gaussian-noise"].infer!(
          { model: { ...free, height: 16, width: 8 } },
          fakeKnown({ batch: 1, channels: 0, height, width }),
        ).x_T!,
      );
    expect(
      [noise(0, 0), noise(12, 0), noise(12, 20), noise(0, 20)].map(({ height, width }) => [height, width]),
    ).toEqual([
      [16, 8],
      [12, 12],
      [12, 20],
      [16, 20],
    ]);
    expect(refusal("guidegraph/gaussian-noise", { model: free }, { height: 10 })?.[0]).toBe("height");
  });

  test("of low_res are in proportion to those of x", () => {
    const model = { ...free, height: 8, width: 8, lowRes: 4 };
    const given = { model, x: of(16, 24) };
    const low_res = { batch: 2, channels: 3, height: 8, width: 12 };
    expect(refusal("guidegraph/predict", { ...given, low_res })).toBeUndefined();
    expect(refusal("guidegraph/predict", { ...given, low_res: { ...low_res, width: 8 } })?.[0]).toBe("low_res");
  });
});

describe("low_res", () => {
  const upsampler = { ...unetFacts, height: 8, width: 8, lowRes: 4 };
  const large = { ...x, height: 8, width: 8 };
  test("is needed by a super-resolution model, at its size", () => {
    expect(refusal("guidegraph/predict", { model: upsampler, x: large })).toEqual([
      "low_res",
      "Cannot predict without low_res: the model enlarges pictures of 4×4",
    ]);
    expect(
      refusal("guidegraph/predict", { model: upsampler, x: large, low_res: { ...size, height: 2, width: 2 } })?.[0],
    ).toBe("low_res");
    expect(refusal("guidegraph/predict", { model: upsampler, x: large, low_res: size })).toBeUndefined();
  });
  test("is refused by any other", () =>
    expect(refusal("guidegraph/predict", { model: unetFacts, x, low_res: size })?.[0]).toBe("low_res"));
});

describe("a condition", () => {
  const segmenter = { ...unetFacts, condition: 4 };
  test("is needed by a model that takes one, of its channels and size", () => {
    expect(refusal("guidegraph/predict", { model: segmenter, x })).toEqual([
      "condition",
      "Cannot predict without a condition: the model takes 4 channels beside x",
    ]);
    expect(refusal("guidegraph/predict", { model: segmenter, x, condition: { ...size, channels: 3 } })?.[0]).toBe(
      "condition",
    );
    expect(refusal("guidegraph/predict", { model: segmenter, x, condition: { ...size, channels: 4 } })).toBeUndefined();
  });
  test("is refused by any other", () =>
    expect(refusal("guidegraph/predict", { model: unetFacts, x, condition: size })?.[0]).toBe("condition"));
});

test("a respacing that cannot be made is refused at its parameter", () =>
  expect(refusal("guidegraph/diffusion-schedule", {}, { timestep_respacing: "ddim37" })).toEqual([
    "timestep_respacing",
    "Cannot take ddim37 of 1000 steps: no integer stride gives 37; nearby ones are ddim35, ddim36, ddim38, ddim39",
  ]));

test("a process too short for its noise is refused at its steps", () =>
  expect(refusal("guidegraph/diffusion-schedule", {}, { diffusion_steps: 10 })).toEqual([
    "diffusion_steps",
    expect.stringMatching(
      /^Cannot make a linear process of 10 steps: β of step \d would be .*; use more diffusion_steps$/,
    ),
  ]));

test("a clip between limits that are none is refused", () => {
  expect(refusal("guidegraph/clip-prediction", { prediction: size }, { low: 1, high: -1 })).toEqual([
    "low",
    "No value lies from 1 to -1: low must not be the greater",
  ]);
  expect(refusal("guidegraph/clip-prediction", { prediction: size }, { low: 1, high: 1 })).toBeUndefined();
});

test("a step outside the schedule is refused", () =>
  expect(refusal("guidegraph/schedule-step", { schedule: { count: 25 } }, { index: 25 })).toEqual([
    "index",
    "Cannot take step 25: the schedule has steps 0 to 24",
  ]));

test("eta above 0 without noise is refused", () => {
  expect(refusal("guidegraph/ddim-step", { prediction: size }, { eta: 0.5 })?.[0]).toBe("noise");
  expect(refusal("guidegraph/ddim-step", { prediction: size }, { eta: 0 })).toBeUndefined();
});

test("a stream of torch draws is refused", () =>
  expect(refusal("guidegraph/gaussian-noise", { model: unetFacts }, { generator: "torch", stream: 1 })?.[0]).toBe(
    "stream",
  ));

test("noise without a size is refused", () => expect(refusal("guidegraph/gaussian-noise", {})?.[0]).toBe("height"));

test("noise beyond any memory is refused before it is drawn", () =>
  expect(refusal("guidegraph/gaussian-noise", {}, { batch: 4096, height: 4096 })?.[0]).toBe("batch"));

test("noise of another size than the model's is refused", () =>
  expect(refusal("guidegraph/gaussian-noise", { model: unetFacts }, { height: 8 })?.[0]).toBe("height"));

test("ε and x₀ predictions are not combined", () =>
  expect(
    refusal("guidegraph/classifier-free-guidance", {
      conditional: unetFacts,
      unconditional: { ...unetFacts, predicts: "x0" },
    })?.[0],
  ).toBe("unconditional"));

test("pictures that a file does not have are refused", () => {
  expect(refusal("guidegraph/load-image", {}, { file: "two.npz", first: 2 })).toEqual([
    "first",
    "Cannot take sample 2: the file has 2, numbered from 0",
  ]);
  expect(refusal("guidegraph/load-image", {}, { file: "two.npz", first: 1, count: 1 })).toBeUndefined();
});

test.each(["load-unet", "load-classifier", "load-image", "low-res"] as const)("%s without a file is refused", (name) =>
  expect(refusal(`guidegraph/${name}`, {})?.[0]).toBe("file"),
);

describe("a tensor that is no batch of pictures", () => {
  const working: readonly (readonly [keyof typeof nodes, port: string])[] = [
    ["guidegraph/resize", "tensor"],
    ["guidegraph/blur", "tensor"],
    ["guidegraph/average-pool", "tensor"],
    ["guidegraph/crop", "tensor"],
    ["guidegraph/total-variation", "tensor"],
    ["guidegraph/colour-map", "tensor"],
    ["guidegraph/decode-image", "x"],
  ];
  const shapes = [[6], [2, 8], [2, 1], [3, 4, 4], [1, 1, 1, 2, 2]];
  const cases = working.flatMap(([type, port]) => shapes.map((dims) => [type, dims.join("×"), port, dims] as const));

  test.each(cases)("is refused by %s, which wants rows and columns: %s", (type, shape, port, dims) => {
    const node = (nodes as Registry)[type] as AnyNode;
    const parameters = Object.fromEntries(
      Object.entries(node.inputs as Record<string, { parameter?: { default: unknown } }>).map(
        ([name, { parameter }]) => [name, parameter?.default],
      ),
    );
    const refused = { port, message: `Cannot take a tensor of shape ${shape} for pictures: those are N×C×H×W` };
    const thrown = (act: () => unknown) => {
      try {
        return act();
      } catch (error) {
        return error;
      }
    };
    const error = thrown(() => node.run({ ...parameters, [port]: zeros(dims) }, fakeContext()));
    expect(error).toBeInstanceOf(GraphError);
    expect(error).toMatchObject(refused);
    if (node.draw)
      expect(
        thrown(() => node.draw!({ ...parameters, [port]: "value" } as never, { shape: () => dims } as never)),
      ).toMatchObject(refused);
  });
});
