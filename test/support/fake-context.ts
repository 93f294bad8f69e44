/** A world of made-up networks, files and outputs, to run single nodes in. */
import { type Pictures, scale, type Tensor, zeros } from "../../diffusion/index.ts";
import type { Context, Known, NetworkFacts, NetworkHandle } from "../../nodes/index.ts";

export const unetFacts: NetworkFacts = {
  channels: 3,
  height: 4,
  width: 4,
  classes: 11,
  nullLabel: 10,
  predicts: "eps",
  learnSigma: true,
  process: { noise_schedule: "cosine", diffusion_steps: 200, rescale_timesteps: true },
};

export const classifierFacts: NetworkFacts = {
  channels: 3,
  height: 4,
  width: 4,
  classes: 3,
  classNames: ["circle", "square", "Red Star"],
};

export const pictures: Pictures = {
  dims: [2, 4, 4, 3],
  data: Uint8Array.from({ length: 96 }, (_, i) => (i * 37) % 256),
};

/** An array of a file, N×H×W×C. */
export const tensor: Tensor = { dims: [2, 4, 4, 3], data: Float32Array.from(pictures.data) };

export interface FakeContext extends Context {
  /** What nodes asked of the world, in order. */
  readonly asked: unknown[][];
}

export function fakeContext(batch = 0): FakeContext {
  const asked: unknown[][] = [];
  return {
    asked,
    signal: new AbortController().signal,
    batch: { index: batch, count: batch + 1 },
    models: {
      unet: async (file) => {
        asked.push(["unet", file]);
        return fakeUnet(unetFacts, asked);
      },
      classifier: async (file) => {
        asked.push(["classifier", file]);
        return { key: "classifier", facts: classifierFacts, logits: async () => zeros([2, 3]) };
      },
      network: async (file) => {
        asked.push(["network", file]);
        return fakeNetwork();
      },
      condFn: async (_, labels, factor) => {
        asked.push(["cond_fn", labels.values, factor]);
        return { key: "cond_fn", gradient: async (x) => scale(x, factor) };
      },
      differentiated: () => {
        const nothing = () => Promise.reject(new Error("Nothing is drawn here"));
        return { run: nothing, weigh: nothing };
      },
    },
    images: {
      features: async () => undefined,
      load: async (id) => {
        asked.push(["load", id]);
        return id.endsWith(".npz") ? { pictures, labels: [7, 8] } : { pictures };
      },
    },
    tensors: {
      load: async (id, array) => {
        asked.push(["load tensor", id, array]);
        return tensor;
      },
    },
    outputs: {
      preview: (shown) => asked.push(["preview", shown]),
      png: async (stem, saved) => {
        asked.push(["png", stem, saved]);
      },
      npz: async (saved, labels, limit) => {
        asked.push(["npz", saved, labels?.values, limit]);
      },
      tensor: async (stem, saved, file) => {
        asked.push(["tensor", stem, saved, file]);
      },
      measure: async (rows, beside) => {
        asked.push(["measure", rows, await beside?.()]);
      },
    },
  };
}

export const networkFacts: NetworkFacts = {
  channels: 3,
  height: 4,
  width: 4,
  outputs: [{ name: "features", dims: [null, 3, 4, 4] }],
  timed: true,
  takesOther: true,
};

/** A function that answers 2·x. */
export const fakeNetwork = (): NetworkHandle => ({
  key: "network",
  facts: networkFacts,
  apply: async (x) => scale(x, 2),
});

/** A network that answers 0.1·x in its first channels, and zeros where the variance is. */
export const fakeUnet = (facts: NetworkFacts, asked: unknown[][] = []) => ({
  key: "unet",
  facts,
  predict: async (x: Tensor, step: import("../../diffusion/index.ts").Step, y?: readonly number[], lowRes?: Tensor) => {
    asked.push(["predict", step.t, y, lowRes?.dims]);
    const [n, c, h, w] = x.dims;
    const out = zeros([n, facts.learnSigma ? 2 * c : c, h, w]);
    const size = c * h * w;
    for (let i = 0; i < n; i++)
      out.data.set(scale(x, 0.1).data.subarray(i * size, (i + 1) * size), (i * out.data.length) / n);
    return { out, facts: { ...facts, batch: n }, step };
  },
});

/** Of the networks that take nothing beside x. */
export const reader = "shapes32_reader.onnx";

/** What `infer` may ask, with these parameters in place of the definition's defaults. */
export const fakeKnown = (parameters: Readonly<Record<string, unknown>> = {}): Known => ({
  stepsFromNothing: () => undefined,
  parameter: (name) => parameters[name],
  network: (role, { file }) =>
    ({
      unet: unetFacts,
      classifier: classifierFacts,
      network: file === reader ? { ...networkFacts, timed: false, takesOther: false } : networkFacts,
    })[role],
  tensor: (id) => ({ content: id, type: "float32", dims: tensor.dims }),
  image: (id) => ({
    batch: 2,
    channels: 3,
    height: 4,
    width: 4,
    content: id,
    ...(id.endsWith(".npz") ? { labels: { max: 8 } } : {}),
  }),
});
