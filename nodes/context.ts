/** All a node may ask of the world. Implemented once, in runtime/, which server/ and client/ hand their files and sessions. */
import type { MeanAndCovariance, Measured } from "../diffusion/evaluation/index.ts";
import type { Pictures, Tensor } from "../diffusion/index.ts";
import type { Differentiated, DrawnGraph } from "./drawing.ts";
import type { Classifier, CondFn, Model, NetworkHandle } from "./handles.ts";
import type { Labels } from "./kinds.ts";
import type { ModelFile } from "./known.ts";

export interface Context {
  readonly signal: AbortSignal;
  /** Batches of one run follow each other; samples are numbered through. */
  readonly batch: { readonly index: number; readonly count: number };
  readonly models: {
    unet(file: ModelFile): Promise<Model>;
    classifier(file: ModelFile): Promise<Classifier>;
    network(file: ModelFile): Promise<NetworkHandle>;
    /** The gradient of the classifier's log probabilities, as a network of its own. */
    condFn(of: Classifier, labels: Labels, scale: number): Promise<CondFn>;
    /** What is wired, as a network of its own that gives its gradient too. It is drawn when it is first run. */
    differentiated(graph: DrawnGraph): Differentiated;
  };
  readonly images: {
    /** PNG or NPZ (`arr_0`, with `arr_1` labels when present). */
    load(id: string): Promise<{ readonly pictures: Pictures; readonly labels?: readonly number[] }>;
    /** Mean and covariance of features of real pictures, more than it holds, where an NPZ brings them (`mu`, `sigma`). */
    features(id: string): Promise<MeanAndCovariance | undefined>;
  };
  readonly tensors: {
    /** An array of an NPY or NPZ, its values as float32 and laid out as they are; `array` by its name, "" for the only one. */
    load(id: string, array: string): Promise<Tensor>;
  };
  readonly outputs: {
    /** Shows pictures on the node. */
    preview(pictures: Pictures): void;
    /** Writes one PNG a picture, with the graph inside; the name is a stem, chosen further by the receiver. */
    png(stem: string, pictures: Pictures): Promise<void>;
    /** Adds a batch to the run's one `samples_N×H×W×3.npz`, written when the last batch is in; cut to `limit` samples (0: all). */
    npz(pictures: Pictures, labels: Labels | undefined, limit: number): Promise<void>;
    /** Adds a batch to one file of all batches, written when the last one is in; the name is a stem. */
    tensor(stem: string, tensor: Tensor, file: TensorFile): Promise<void>;
    /**
     * Adds a batch to the rows of a measure, one a picture (N×…): when the last batch is in, the node's `conclude` is told all
     * of them. `beside`: what it needs to know beside them, asked for once by each process that draws.
     */
    measure(rows: Tensor, beside?: () => Promise<Float64Array>): Promise<void>;
  };
}

/** What a measure has of all batches of a run, whoever drew them; it may be more than memory holds. */
export interface MeasuredRows {
  /** How many pictures that are. */
  readonly count: number;
  /** Numbers of a row. */
  readonly width: number;
  readonly beside: Float64Array;
  /** All rows, some at a time. */
  read(): AsyncIterable<Float32Array>;
}

/** What a measure comes to, by name. */
export type Numbers = Readonly<Record<string, Measured>>;

/** Numbers of all pictures of a run, as its readers are told of them when the last batch is in. */
export interface NumbersEvent {
  readonly type: "numbers";
  readonly path: string;
  readonly pictures: number;
  readonly numbers: Numbers;
}

/** How a tensor is kept. */
export interface TensorFile {
  readonly format: "npz" | "npy";
  readonly type: "float32" | "float16";
}

/** A file that a run has left, as its readers are told of it; `path` is the node, "7/3" for node 3 inside node 7. */
export interface OutputEvent {
  readonly type: "output";
  readonly path: string;
  /** Among the files of the run. */
  readonly name: string;
  readonly mime: string;
  /** Of its bytes, in hex. */
  readonly sha256: string;
}

/** Pictures to be seen while a run goes on. The only thing that may be dropped; never numbered. */
export interface Preview {
  readonly type: "preview";
  readonly path: string;
  /** Counts the steps of the loop around it, from 0. */
  readonly index?: number;
  readonly pictures: Pictures;
}
