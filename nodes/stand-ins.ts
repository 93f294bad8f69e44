/** Values made of facts, of which only the shape is looked at: what a drawing is given before anything has run. */
import { type Noise, type Prediction, type Schedule, schedule, type Tensor } from "../diffusion/index.ts";
import type { FactsOf, Kind, ValueOf } from "./kinds.ts";
import { elementCount, type Size } from "./size.ts";

const isWhole = (size: Size): size is Required<Size> => elementCount(size) !== undefined;

/** Its values are not there. */
const tensor = (size: Size): Tensor | undefined =>
  isWhole(size) ? { dims: [size.batch, size.channels, size.height, size.width], data: new Float32Array(0) } : undefined;

let anySchedule: Schedule | undefined;
const stepsOf = (): Schedule => {
  anySchedule ??= schedule({ noiseSchedule: "linear", timestepRespacing: "" });
  return anySchedule;
};

/**
 * Undefined: what decides how a graph is drawn is not known. Nothing is taken for granted: what is drawn of it must be what a run
 * draws. So texts and switches have none, and handles, which their own nodes make.
 */
const makers: { readonly [K in Kind]?: (facts: FactsOf<K>) => ValueOf<K> | undefined } = {
  tensor,
  "number,tensor": tensor,
  image: (size) =>
    isWhole(size) ? { dims: [size.batch, size.height, size.width, size.channels], data: new Uint8Array(0) } : undefined,
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
  number: () => Number.NaN,
};

/** A value of this kind with these facts; undefined where they do not tell its shape. */
export const standIn = (kind: Kind, facts: object): unknown => makers[kind]?.(facts as never);
