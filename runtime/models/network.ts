/**
 * A model file read with its flags: what is known of it, and the ONNX graph it becomes. Checkpoints are built into one,
 * `.onnx` files run as they are.
 */
import type { NetworkFacts } from "../../nodes/index.ts";
import type { Head, ModelFlags, OnnxModel, Use, ValueInfo } from "../../onnx/index.ts";
import type { BuiltModel, ModelSource } from "./host.ts";
import type { Roles } from "./roles.ts";

export interface Network {
  /** For messages: `UNet "x.pt"`. */
  readonly label: string;
  readonly role: Use;
  /** With `content`: the key of the file and the flags it was read with. */
  readonly facts: NetworkFacts & { readonly content: string };
  readonly roles: Roles;
  readonly about: About;
  /** Its picture as the file declares it, where it was fitted to another. */
  readonly declared?: ValueInfo;
  /** How a classifier's logits are read; default softmax. */
  readonly head?: Head;
  /**
   * The network for x of these dimensions, where it is another than this: as the file is, where this resizes pictures to the size
   * that the file fixes; or built for sides that it was not trained on. The same one for the same dimensions.
   */
  forSize?(dims: readonly number[]): Network | undefined;
  /** Samples that it takes at a time, where its file fixes that. */
  readonly batch?: number;
  /** What it takes to remember it. */
  readonly bytes: number;
  /** Whether its files are those it was read from: what is built of it, or loaded, reads them again. */
  isCurrent(): Promise<boolean>;
  /** The forward graph, its weights read when they are written. */
  build(options: { readonly fp16: boolean }): OnnxModel | Promise<OnnxModel>;
  /** The forward graph as a file that runs as it is. */
  readonly file?: BuiltModel;
}

/** What a person asks of a file. */
export interface About {
  readonly file: string;
  readonly sha256: string;
  readonly architecture: string;
  /** Released checkpoints of these shapes and flags. */
  readonly presets?: readonly string[];
  /** The complete flags, by the reference's names. */
  readonly flags: ModelFlags;
  readonly parameters: number;
  /** What was chosen, left over or taken for granted, a sentence each. */
  readonly notes: readonly string[];
}

export interface ReadOptions {
  readonly file: string;
  readonly sha256: string;
  readonly flags: string;
  /** Undefined: told by the file itself, where it does. */
  readonly role: Use | undefined;
  /** For what neither shapes, flags, card nor a preset tell. */
  readonly defaults: ModelFlags | undefined;
}

const titles = { unet: "UNet", classifier: "Classifier", network: "Network" } as const;

export const labelOf = (use: Use, file: string): string => `${titles[use]} "${file}"`;

/** Whether a file has this hash still; one that is gone has none. */
export const hasHash = (file: Pick<ModelSource, "sha256">, sha256: string): Promise<boolean> =>
  file.sha256().then(
    (now) => now === sha256,
    () => false,
  );
