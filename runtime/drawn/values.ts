/** Between the values of a run and what stands for them in a drawing, by kind. */
import {
  encode,
  encodeMask,
  type Noise,
  type Pictures,
  type Prediction,
  type Step,
  type Tensor,
} from "../../diffusion/index.ts";
import {
  type Classifier,
  type CondFn,
  type DrawnImage,
  type DrawnKind,
  type DrawnLabels,
  type DrawnNoise,
  type DrawnNumber,
  type DrawnOf,
  type DrawnOutput,
  type DrawnPrediction,
  type Given,
  type Kind,
  type Labels,
  labelsFor,
  type Model,
  type ModelOutput,
  type NetworkHandle,
  type Port,
  type Value,
} from "../../nodes/index.ts";
import type { Network } from "../models/network.ts";
import { type FedSheet, inRun, type Run } from "./drawing.ts";
import { drawnClassifier, drawnCondFn, drawnModel, drawnNetwork, type Wanted } from "./networks.ts";
import { parts } from "./parts.ts";
import { batchDim } from "./sheet.ts";

/** What a cond_fn was made of. */
export interface Judged {
  readonly network: Network;
  readonly labels: Labels;
  readonly scale: number;
}

/** Finds what is behind a handle. Throws a GraphError for one that comes from elsewhere. */
export interface Behind {
  network(handle: Model | Classifier | NetworkHandle): Network;
  condFn(handle: CondFn): Judged;
}

/**
 * What of a value decides how a graph is drawn: two values of which it is equal share one. Shapes are told but for the batch,
 * and numbers not at all.
 */
export function shapeOf({ kind, parameter }: Port, value: unknown, batch: number): unknown {
  const dims = ([first, ...rest]: readonly number[]) => [first === batch ? "N" : first, ...rest];
  switch (kind) {
    case "text":
    case "boolean":
      return value;
    case "number":
      return parameter?.integer ? value : "";
    case "number,tensor":
      return typeof value === "number" ? "" : dims((value as Tensor).dims);
    case "tensor":
    case "image":
    case "noise":
      return dims((value as Tensor).dims);
    case "model":
    case "classifier":
    case "network":
    case "cond_fn":
      return (value as Model).key;
    case "labels":
      return [batch, 1].includes((value as Labels).values.length) ? "" : (value as Labels).values.length;
    case "model_output":
      return [dims((value as ModelOutput).out.dims), (value as ModelOutput).facts];
    case "prediction":
      return [dims((value as Prediction).x.dims), (value as Prediction).conditioned];
    default:
      return "";
  }
}

/** What a drawing sees of a value from outside, which `of` finds in a run; `first` is the one at hand. */
export function entering(kind: Kind, of: (run: Run) => unknown, first: unknown, sheet: FedSheet, behind: Behind) {
  const given = <T>() => sheet.given(of as (run: Run) => T);
  switch (kind) {
    case "tensor":
      return sheet.tensor(of as (run: Run) => Tensor);
    case "number":
      return numberOf(given<number>(), first as number);
    case "number,tensor":
      return typeof first === "number"
        ? given<number>().number((value) => value)
        : sheet.tensor(of as (run: Run) => Tensor);
    case "text":
    case "boolean":
      return first;
    case "model":
      return drawnModel(behind.network(first as Model), (first as Model).facts, sheet);
    case "classifier":
      return drawnClassifier(behind.network(first as Classifier), (first as Classifier).facts, sheet);
    case "network":
      return drawnNetwork(behind.network(first as NetworkHandle), (first as NetworkHandle).facts, sheet);
    case "cond_fn":
      return drawnCondFn(
        behind.condFn(first as CondFn).network,
        sheet,
        wantedOf(given<CondFn>().map(behind.condFn), sheet),
      );
    case "labels":
      return labelsOf(given<Labels>(), sheet);
    case "noise":
      return noiseOf(given<Noise>(), sheet);
    case "image":
      return imageOf(given<Pictures>());
    case "model_output":
      return outputOf(given<ModelOutput>(), first as ModelOutput);
    case "prediction":
      return predictionOf(given<Prediction>(), first as Prediction);
    default:
      return given();
  }
}

const numberOf = (given: Given<number>, first: number): DrawnNumber => {
  let drawn: Value | undefined;
  const get = (): Value => {
    drawn ??= given.number((value) => value);
    return drawn;
  };
  return Object.defineProperty(Object.assign(given, { fixed: first }), "value", { get }) as DrawnNumber;
};

const wantedOf = (given: Given<Judged>, sheet: FedSheet): Wanted => ({
  labels: (of) =>
    labelsOf(
      given.map(({ labels }) => labels),
      sheet,
    ).each(undefined, of),
  scale: () => given.number(({ scale }) => scale),
});

const labelsOf = (given: Given<Labels>, { op, shape }: FedSheet): DrawnLabels => ({
  each(check = () => {}, of) {
    const checked = ({ values }: Labels) => {
      check(values);
      return values;
    };
    if (of === undefined || shape(of)[0] === batchDim)
      return given.perSample((labels, batch) => labelsFor(checked(labels), batch), "int64");
    // Draws of samples have labels of their own, or one for all.
    const own = given.tensor((labels) => ({ dims: [labels.values.length], data: Float32Array.from(checked(labels)) }));
    return op.Expand(op.Cast(own, { to: "int64" }), op.Slice(op.Shape(of), op.int64([0]), op.int64([1])));
  },
});

const noiseOf = (given: Given<Noise>, { op }: FedSheet): DrawnNoise => ({
  draw(step, factor) {
    const z = given.and(step).tensor(([noise, step]) => noise.draw(step.draw));
    return factor
      ? op.Mul(
          factor.number((factor) => factor),
          z,
        )
      : z;
  },
});

/** Pictures that are known, as a drawing sees them. */
export const imageOf = (given: Given<Pictures>): DrawnImage => ({
  values: () => given.tensor(encode),
  weights: (channels) => given.tensor((pictures) => encodeMask(pictures, channels)),
});

const stepOf = (given: Given<{ readonly step: Step }>): Given<Step> => given.map(({ step }) => step);

const outputOf = (given: Given<ModelOutput>, first: ModelOutput): DrawnOutput =>
  parts.model_output.make(() => given.tensor(({ out }) => out), first, stepOf(given));

const predictionOf = (given: Given<Prediction>, first: Prediction): DrawnPrediction =>
  parts.prediction.make((name) => given.tensor((prediction) => prediction[name as "x0"]), first, stepOf(given));

/** The values of a graph that make one of a run, and how. */
export interface Leaving {
  readonly values: readonly Value[];
  make(tensors: readonly Tensor[], run: Run): unknown;
}

/** How a value leaves the drawing. */
export const leaving: { readonly [K in DrawnKind]: (drawn: DrawnOf<K>) => Leaving } = {
  tensor: (value) => ({ values: [value], make: ([tensor]) => tensor }),
  model_output: ({ out, facts, step }) => ({
    values: [out],
    make: ([out], run): ModelOutput => ({ out, facts, step: inRun(step, run) }),
  }),
  prediction: (drawn) => ({
    values: parts.prediction.names.map((name) => drawn[name]),
    make: (tensors, run) => ({
      ...Object.fromEntries(parts.prediction.names.map((name, i) => [name, tensors[i]])),
      ...{ step: inRun(drawn.step, run), conditioned: drawn.conditioned },
    }),
  }),
};
