/** Values made of facts, of which only the shape is looked at: what a drawing is given before anything has run. */
import { type Noise, type Prediction, type Schedule, schedule, type Tensor } from "../diffusion/index.ts";
import type { FactsOf, Kind, Size, ValueOf } from "./kinds.ts";

/** Its values are not there. */
const tensor = ({ batch, channels, height, width }: Size): Tensor | undefined =>
  batch === undefined || channels === undefined || height === undefined || width === undefined
    ? undefined
    : { dims: [batch, channels, height, width], data: new Float32Array(0) };

let anySchedule: Schedule | undefined;
const stepsOf = (): Schedule => {
  anySchedule ??= schedule({ noiseSchedule: "linear", timestepRespacing: "" });
  return anySchedule;
};

const unknown = () => undefined;

/**
 * Undefined: what decides how a graph is drawn is not known, or it is a handle, which its own node makes. Nothing is taken for
 * granted: what is drawn of it must be what a run draws.
 */
const makers: { readonly [K in Kind]: (facts: FactsOf<K>) => ValueOf<K> | undefined } = {
  tensor,
  "number,tensor": tensor,
  image({ batch, channels, height, width }) {
    const [n, h, w, c] = [batch, height, width, channels].map((size) => size ?? -1);
    return n < 0 || h < 0 || w < 0 || c < 0 ? undefined : { dims: [n, h, w, c], data: new Uint8Array(0) };
  },
  noise(size): Noise | undefined {
    const drawn = tensor(size);
    return drawn && { key: "", dims: drawn.dims, draw: () => drawn };
  },
  prediction({ conditioned = "no", ...size }): Prediction | undefined {
    const x = tensor(size);
    const step = stepsOf().at(0);
    return x && { mean: x, variance: x, logVariance: x, x0: x, x, step, conditioned };
  },
  model_output(facts) {
    const { channels, learnSigma, predicts } = facts;
    if (learnSigma === undefined || predicts === undefined) return undefined;
    const out = tensor({ ...facts, ...(learnSigma && channels !== undefined && { channels: 2 * channels }) });
    return out && { out, facts, step: stepsOf().at(0) };
  },
  labels: ({ batch = 1 }) => ({ values: new Array<number>(batch).fill(0) }),
  schedule: stepsOf,
  step: () => stepsOf().at(0),
  number: () => 0,
  text: unknown,
  boolean: unknown,
  model: unknown,
  classifier: unknown,
  cond_fn: unknown,
  network: unknown,
};

/** A value of this kind with these facts; undefined where they do not tell its shape. */
export const standIn = (kind: Kind, facts: object): unknown => (makers[kind] as (facts: object) => unknown)(facts);
