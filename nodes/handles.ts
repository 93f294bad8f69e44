/**
 * What a network is to nodes: what is known of it before anything runs, and a handle to ask it by while a graph runs. Handles are
 * keyed by content and never leave their process.
 */
import type { Step, Tensor } from "../diffusion/index.ts";
import type { Size } from "./size.ts";

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
  /** What speaks against taking what it answers for logits of classes, in words. */
  readonly doubt?: string;
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
  /** What speaks against taking it for logits of classes, in words. */
  readonly doubt?: string;
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
