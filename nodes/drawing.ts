/**
 * How a node's mathematics is drawn: `draw` stands beside `run` and says the same in operators of ONNX, so that what is wired
 * can be differentiated, and a whole graph exported. A test over the registry holds the two together.
 *
 * What depends on the variable is drawn: a value of the graph, or a record of such. Everything else is given. In a Differentiate
 * it is computed outside and enters the graph as an input, worked out anew at every run, so that the steps of a loop share one
 * graph; in an export it is a table with a row a step.
 */
import type { Mixed, Prediction, Step, Tensor } from "../diffusion/index.ts";
import type { Dim } from "../onnx/ir.ts";
import type { GraphBuilder, Value } from "../onnx/rewrite/builder.ts";
import type { NetworkFacts } from "./handles.ts";
import type { Kind, ValueOf } from "./kinds.ts";
import type { Ports } from "./port.ts";

export type { Value };

/** What `draw` is given beside its inputs. */
export interface Drawing {
  readonly op: GraphBuilder;
  /** Dimensions of a value as far as they are known; the batch is a name. */
  shape(value: Value): readonly Dim[];
  /** How many samples a value has: the graph is of that number alone then, and `why` is why. Throws a RangeError where that is not known. */
  samples(value: Value, why?: string): number;
  /** A constant of the graph, whatever its size. */
  constant(tensor: Tensor): Value;
  /** The formula of a step: a·x + b·y. */
  mix(formula: Mixed, x: Value, y: Value, step: Given<Step>): Value;
  /** x from `low` to `high`. NaN and infinity in x are refused in a Differentiate, and become NaN in an export, where nobody can refuse. */
  clip(x: Value, low: Value | number, high: Value | number): Value;
  /** The pictures that x shows, as `decode` makes them. */
  image(x: Value): DrawnImage;
}

/** A value from outside the graph. What is taken of it is an input. */
export interface Given<T> {
  /** A number. */
  number(of: (value: T) => number): Value;
  /** A number for each sample, whole or not. */
  perSample(of: (value: T, batch: number) => readonly number[], type: "float32" | "int64"): Value;
  /** A tensor, whose shape is the same at every run but for the batch. */
  tensor(of: (value: T, batch: number) => Tensor): Value;
  /** What is made of it. */
  map<U>(of: (value: T) => U): Given<U>;
  /** Both as one. */
  and<U>(other: Given<U>): Given<readonly [T, U]>;
}

export interface DrawnNumber extends Given<number> {
  readonly value: Value;
  /** The number at hand, of a parameter of whole numbers: for another one the graph is drawn anew. */
  readonly fixed: number;
}

/** Labels of a batch. */
export interface DrawnLabels {
  /**
   * One a sample, N whole numbers; of draws of samples, as many as `of` has. `check` refuses those that do not fit, where they
   * are known.
   */
  each(check?: (values: readonly number[]) => void, of?: Value): Value;
}

/** A stream of draws. */
export interface DrawnNoise {
  /** The draw that belongs to the step, N×C×H×W, times a factor; where that is 0, nothing need be drawn. */
  draw(step: Given<Step>, factor?: Given<number>): Value;
}

export interface DrawnImage {
  /** byte / 127.5 − 1, N×C×H×W: `encode`. */
  values(): Value;
  /** byte / 255 of each of so many channels, or one for all: `encodeMask`. */
  weights(channels: number): Value;
}

export interface DrawnOutput {
  readonly out: Value;
  readonly facts: NetworkFacts;
  readonly step: Given<Step>;
}

export interface DrawnPrediction {
  readonly mean: Value;
  readonly variance: Value;
  readonly logVariance: Value;
  readonly x0: Value;
  readonly x: Value;
  readonly step: Given<Step>;
  readonly conditioned: Prediction["conditioned"];
}

/** Networks are put into the graph, weights and all. */
export interface DrawnModel {
  readonly facts: NetworkFacts;
  /** Shapes as in `Model.predict`; `y` N labels. */
  predict(
    x: Value,
    step: Given<Step>,
    beside: {
      readonly y?: Value | undefined;
      readonly lowRes?: Value | undefined;
      readonly condition?: Value | undefined;
    },
  ): DrawnOutput;
}

export interface DrawnClassifier {
  readonly facts: NetworkFacts;
  /** N×classes. */
  logits(x: Value, step: Given<Step>): Value;
  condFn(labels: DrawnLabels, scale: DrawnNumber): DrawnCondFn;
}

export interface DrawnNetwork {
  readonly facts: NetworkFacts;
  /** `output` by its name, "" for the first; other and step where it takes them. */
  apply(x: Value, output: string, other?: Value, step?: Given<Step>): Value;
}

/** A gradient is a graph like any other, so that it can be differentiated once more. */
export interface DrawnCondFn {
  gradient(x: Value, step: Given<Step>): Value;
}

/** Kinds that are no value of their own in a graph, by what stands for them; the others are `Given`. */
interface DrawnKinds {
  tensor: Value;
  number: DrawnNumber;
  /** One number, or one for each sample. */
  "number,tensor": Value;
  text: string;
  boolean: boolean;
  labels: DrawnLabels;
  noise: DrawnNoise;
  image: DrawnImage;
  model_output: DrawnOutput;
  prediction: DrawnPrediction;
  model: DrawnModel;
  classifier: DrawnClassifier;
  network: DrawnNetwork;
  cond_fn: DrawnCondFn;
}

export type DrawnOf<K extends Kind> = K extends keyof DrawnKinds ? DrawnKinds[K] : Given<ValueOf<K>>;

/** Kinds that may depend on the variable. */
export const drawnKinds = ["tensor", "model_output", "prediction"] as const satisfies readonly Kind[];
export type DrawnKind = (typeof drawnKinds)[number];

type Absent<P extends Ports> = { [N in keyof P]: P[N]["optional"] extends true ? N : never }[keyof P];

export type Drawn<P extends Ports> = string extends keyof P
  ? // biome-ignore lint/suspicious/noExplicitAny: of ports that are not known, nothing is.
    Readonly<Record<string, any>>
  : { readonly [N in Exclude<keyof P, Absent<P>>]: DrawnOf<P[N]["kind"]> } & {
      readonly [N in Absent<P>]?: DrawnOf<P[N]["kind"]> | undefined;
    };

/** The part of a graph that leads from its variable to what is differentiated. */
export interface DrawnGraph {
  /** In order. */
  readonly nodes: readonly DrawnNode[];
  readonly of: DrawnSource;
  /** What is differentiated, and by what, as whoever wired it calls them. */
  readonly called: Readonly<Record<"of" | "by", string>>;
}

export interface DrawnNode {
  readonly path: string;
  readonly title: string;
  readonly definition: {
    readonly inputs: Ports;
    readonly outputs: Ports;
    draw?(inputs: object, drawing: Drawing): object;
    needs?(inputs: object): readonly string[];
  };
  readonly inputs: Readonly<Record<string, DrawnSource>>;
}

/** The variable, an output of another node of the graph, or one of the values from outside by its number. */
export type DrawnSource =
  | { readonly is: "variable" }
  | { readonly is: "output"; readonly of: string; readonly output: string }
  | { readonly is: "outside"; readonly index: number };

/** What is asked of a drawn graph: an output of one of its nodes, or the gradient. */
export type DrawnWish = { readonly of: string; readonly output: string } | "gradient";

export interface Differentiated {
  /**
   * The wishes' values at `variable`, in their order, value and gradient from one run of one session. `outside`: by number.
   * Throws a GraphError, with the path of the node where one is to blame.
   */
  run(variable: Tensor, outside: readonly unknown[], wishes: readonly DrawnWish[]): Promise<readonly unknown[]>;
  /**
   * What that would take, in bytes, of values of which only the shapes are looked at (`standIn`). Throws a GraphError like
   * `run` where it cannot be drawn.
   */
  weigh(variable: Tensor, outside: readonly unknown[], wishes: readonly DrawnWish[]): Promise<DrawnWeight>;
}

export interface DrawnWeight {
  /** What is there at one time while it runs: what the way forward leaves for the way back, most of it. */
  readonly values: number;
  /** Its networks, which it has for itself. */
  readonly weights: number;
}
