/**
 * What travels on wires. Each kind has a value, present while a graph runs, and facts, known before anything runs.
 * Handles (model, classifier, cond_fn) are keyed by content and never leave their process.
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

/** N×C×H×W. */
export interface Size {
  readonly batch?: number;
  readonly channels?: number;
  /** In pixels. */
  readonly height?: number;
  readonly width?: number;
}

export type Meaning = "x" | "x0" | "eps" | "mean" | "gradient";

/** Its height and width are those of the pictures it was trained on, or of its output what they are. */
export interface NetworkFacts extends Size {
  /** It takes any x whose sides are multiples of this; without it x of its own sides alone, where they are known. */
  readonly multiple?: number;
  /** Which network it is that takes no other sides, and what in it has them, in words. */
  readonly sidesFixed?: string;
  /** SHA-256 of the file and the flags it is read with: makes a changed file another value. */
  readonly content?: string;
  readonly classes?: number;
  readonly classNames?: readonly string[];
  readonly nullLabel?: number;
  readonly predicts?: "eps" | "x0";
  readonly learnSigma?: boolean;
  /** Height and width of a super-resolution network's low_res for x of its own height; else in proportion. */
  readonly lowRes?: number;
  /** Channels of the condition that it takes beside x, at its size. */
  readonly condition?: number;
  /** Of a file with several sets of weights, the averaged one. */
  readonly weights?: "averaged";
  /** How its file was fitted to the sampler, in words: "resized to 224×224, Softmax taken off". */
  readonly fit?: string;
  /** Why its file will not be loaded, in words. */
  readonly unrunnable?: string;
  /** Of a classifier: how its logits are read; softmax unless said. */
  readonly head?: "softmax" | "sigmoid" | "score";
  /** Of a classifier or a model: why its gradient does not reach the picture, in words. */
  readonly stopped?: string;
  /** Of any other network: what it answers, by name; a length that is not known is null. */
  readonly outputs?: readonly NetworkOutput[];
  /** Whether such a network takes a timestep, and a second tensor. */
  readonly timed?: boolean;
  readonly takesOther?: boolean;
  /** The process it was trained for, where its card or flags say so. */
  readonly process?: ProcessFlags;
}

export interface NetworkOutput {
  readonly name: string;
  readonly dims?: readonly (number | null)[];
  /** Why no gradient leads from it to the picture, in words. */
  readonly stopped?: string;
}

/** The flags of `create_gaussian_diffusion` that belong to a checkpoint. */
export interface ProcessFlags {
  readonly noise_schedule?: "linear" | "cosine";
  readonly diffusion_steps?: number;
  readonly rescale_timesteps?: boolean;
}

/** A network's raw output: the first C channels are ε or x₀, then the variance channels when it learns sigma. */
export interface ModelOutput {
  readonly out: Tensor;
  readonly facts: NetworkFacts;
  readonly step: Step;
}

/** What is behind a handle is loaded when it is first asked, and told where it was made if it cannot be (`HandleError`). */
export interface Handle {
  /**
   * Loads it before, so that what is wrong with its file is told before anything is computed. `together`: it is asked together with
   * others only, with which it may be loaded when that is done.
   */
  load?(together?: boolean): Promise<unknown>;
}

export interface Model extends Handle {
  readonly key: string;
  readonly facts: NetworkFacts;
  /**
   * x N×C×H×W; y one label a sample, where the network is class-conditional; lowRes N×C×h×w, where it super-resolves;
   * condition N×K×H×W, where it takes one beside x.
   */
  predict(x: Tensor, step: Step, y?: readonly number[], lowRes?: Tensor, condition?: Tensor): Promise<ModelOutput>;
}

export interface Classifier {
  readonly key: string;
  readonly facts: NetworkFacts;
  /** N×classes. */
  logits(x: Tensor, step: Step): Promise<Tensor>;
}

/** Any function of tensors that a file holds. */
export interface NetworkHandle extends Handle {
  readonly key: string;
  readonly facts: NetworkFacts;
  /** `output` by its name, "" for the first; other and step where it takes them. */
  apply(x: Tensor, output: string, other?: Tensor, step?: Step): Promise<Tensor>;
}

export interface CondFn extends Handle {
  readonly key: string;
  /** ∇ₓ Σᵢ log p(yᵢ | xᵢ, t) · scale, N×C×H×W. */
  gradient(x: Tensor, step: Step): Promise<Tensor>;
}

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

/** `made`: what the schedule is made from, so that its steps are known before a run. */
export interface ScheduleFacts {
  readonly count?: number;
  readonly made?: ScheduleOptions;
}

/** `reaches`: of numbers of samples, the largest is at least so large, whichever they turn out to be. */
export interface TensorFacts extends Size {
  readonly meaning?: Meaning;
  readonly reaches?: number;
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
  step: [Step, object];
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

/** Elements of N×C×H×W; undefined where one of the sizes is not known. */
export const elementCount = ({ batch, channels, height, width }: Size): number | undefined =>
  batch === undefined || channels === undefined || height === undefined || width === undefined
    ? undefined
    : batch * channels * height * width;

/** Bytes of as many floats. */
export const floats = (size: Size): number => 4 * (elementCount(size) ?? 0);
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
