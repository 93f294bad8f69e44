/**
 * What travels on wires. Each kind has a value, present while a graph runs, and facts, known before anything runs.
 */
import type {
  Noise,
  Numbers,
  Pictures,
  Prediction,
  Schedule,
  ScheduleOptions,
  Step,
  Tensor,
} from "../diffusion/index.ts";
import type { Classifier, CondFn, Model, ModelOutput, NetworkFacts, NetworkHandle } from "./handles.ts";
import { elementCount, floats, type Size } from "./size.ts";

export type Meaning = "x" | "x0" | "eps" | "mean" | "gradient";

/**
 * Class labels of a batch. `drawn`: how many random words it took from the torch generator before the noise does; `counted`: of
 * pictures of which C×H×W it counted the draws of the batches before.
 */
export interface Labels {
  readonly values: readonly number[];
  readonly drawn?: number;
  readonly counted?: readonly number[];
}

export interface LabelFacts {
  readonly batch?: number;
  /** The largest label that may occur. */
  readonly max?: number;
}

/** `made`: what the schedule is made from, so that its steps are known before a run; of counted steps, how many. */
export interface ScheduleFacts extends StepFacts {
  readonly count?: number;
  readonly made?: ScheduleOptions | { readonly counted: number };
}

/** `isCounted`: it is of no process, and has no noise. */
export interface StepFacts {
  readonly isCounted?: true;
}

/**
 * `reaches`: of numbers of samples, the largest is at least so large, whichever they turn out to be. `doubt`: of what a network
 * answers, what speaks against taking it for logits, in words.
 */
export interface TensorFacts extends Size {
  readonly meaning?: Meaning;
  readonly reaches?: number;
  readonly doubt?: string;
}

/** kind: [value, facts] */
export interface Kinds {
  number: [number, object];
  text: [string, object];
  boolean: [boolean, object];
  labels: [Labels, LabelFacts];
  tensor: [Tensor, TensorFacts];
  "number,tensor": [Numbers, TensorFacts];
  image: [Pictures, Size];
  noise: [Noise, Size];
  step: [Step, StepFacts];
  schedule: [Schedule, ScheduleFacts];
  model_output: [ModelOutput, NetworkFacts];
  model: [Model, NetworkFacts];
  classifier: [Classifier, NetworkFacts];
  cond_fn: [CondFn, NetworkFacts];
  network: [NetworkHandle, NetworkFacts];
  prediction: [Prediction, Size & { readonly conditioned?: Prediction["conditioned"] }];
}

export type Kind = keyof Kinds;

/** What values of a kind weigh by their facts, before there are any: bytes, 0 of what is not known yet or is a handle. */
type Weight<K extends Kind> = (facts: FactsOf<K>) => number;

export interface KindTraits<K extends Kind = Kind> {
  /** What a person calls it. */
  readonly name: string;
  readonly weight: Weight<K>;
  /** What planning knows of such a value, as far as a run has it. */
  readonly facts: (value: ValueOf<K>) => FactsOf<K>;
  /** A handle belongs to the world that made it, which has caches of its own for what is behind it. */
  readonly handle?: true;
  /** A constant: it can be a parameter, and travels without a node that makes it. */
  readonly plain?: true;
}

const nothing = () => 0;
const noFacts = () => ({});
const handle = { handle: true, weight: nothing, facts: <F>(of: { readonly facts: F }) => of.facts } as const;
const plain = { plain: true, weight: nothing, facts: noFacts } as const;

/** Of pictures by their sides; of another rank the batch, and all of it to be told. */
function sizeFacts(dims: readonly number[]): Size & { readonly dims?: readonly number[] } {
  const [batch, channels, height, width] = dims;
  return dims.length === 4 ? { batch, channels, height, width } : { batch, dims };
}

/** Every kind, in the order in which lists show them. A new one is a line here and above, a port, and a look in the editor. */
export const kinds = {
  tensor: { name: "tensor", weight: floats, facts: ({ dims }) => sizeFacts(dims) },
  noise: { name: "noise stream", weight: nothing, facts: ({ dims }) => sizeFacts(dims) },
  model: { name: "model", ...handle },
  model_output: {
    name: "model output",
    weight: (facts) => (facts.learnSigma ? 2 : 1) * floats(facts),
    // Its channels are the network's: it may have a variance too.
    facts: ({ facts, out: { dims } }) => ({ ...facts, batch: dims[0], height: dims[2], width: dims[3] }),
  },
  classifier: { name: "classifier", ...handle },
  cond_fn: { name: "cond_fn", ...handle, facts: noFacts },
  network: { name: "network", ...handle },
  labels: {
    name: "list of labels",
    weight: ({ batch = 0 }) => 8 * batch,
    facts: ({ values }) => ({ batch: values.length, max: Math.max(...values) }),
  },
  schedule: { name: "schedule", weight: nothing, facts: noFacts },
  step: { name: "step", weight: nothing, facts: noFacts },
  // x₀, mean, variance and its logarithm; what else it has is another's.
  prediction: {
    name: "prediction",
    weight: (size) => 4 * floats(size),
    facts: ({ x, conditioned }) => ({ ...sizeFacts(x.dims), conditioned }),
  },
  image: {
    name: "picture",
    weight: (size) => elementCount(size) ?? 0,
    facts: ({ dims: [batch, height, width, channels] }) => ({ batch, channels, height, width }),
  },
  number: { name: "number", ...plain },
  // As litegraph writes a slot that takes both: a number for all, or a tensor of one for each sample.
  "number,tensor": {
    name: "number, or one a sample",
    ...plain,
    facts: (value) => sizeFacts(typeof value === "number" ? [1, 1, 1, 1] : value.dims),
  },
  text: { name: "text", ...plain },
  boolean: { name: "switch", ...plain },
} as const satisfies { readonly [K in Kind]: KindTraits<K> };

/** The kinds that can be parameters. */
export type PlainKind = { [K in Kind]: (typeof kinds)[K] extends { readonly plain: true } ? K : never }[Kind];

export const kindList = Object.keys(kinds) as readonly Kind[];

/** What is known of a kind; of a text that is none, nothing. */
export const traitsOf = (kind: string): Omit<KindTraits, "weight" | "facts"> | undefined =>
  Object.hasOwn(kinds, kind) ? kinds[kind as Kind] : undefined;

/** Bytes of a value of this kind with these facts. */
export const weightOf = (kind: Kind, facts: object): number => (kinds[kind].weight as Weight<never>)(facts as never);

/** What planning knows of a value of this kind. */
export const factsOfValue = (kind: Kind, value: unknown): object =>
  (kinds[kind].facts as (value: never) => object)(value as never);

/** What a person calls a kind; a text that is none, as it stands. */
export const kindName = (kind: string): string => traitsOf(kind)?.name ?? kind;

/** Whether what is typed there is a number. */
export const isNumeric = (kind: string): boolean => kind === "number" || kind === "number,tensor";

export type ValueOf<K extends Kind> = Kinds[K][0];
export type FactsOf<K extends Kind> = Kinds[K][1];
