/** What is told of models and documents, and what is asked of a model that its shapes do not tell. */
import * as z from "zod";
import type { ArrayFacts, Known, NetworkFacts } from "../../nodes/index.ts";
import type { Use } from "../../onnx/adm/role.ts";

/** GET /api/models: a model file and what is known of it, or why it cannot be read. */
export interface ModelSummary {
  readonly id: string;
  readonly sha256?: string;
  readonly role?: Use;
  readonly architecture?: string;
  readonly parameters?: number;
  readonly presets?: readonly string[];
  /** The complete flags, in the reference's spelling. */
  readonly flags?: string;
  /** What was chosen in it, left over or taken for granted, a sentence each. */
  readonly notes?: readonly string[];
  readonly facts?: NetworkFacts;
  readonly problem?: string;
}

/**
 * What is asked of a checkpoint that nobody has described: what its shapes tell, and by the reference's flags what they do
 * not. Each answer makes another form, for it may tell more.
 */
export interface ModelForm {
  readonly role: "unet" | "classifier";
  readonly tells: readonly { readonly name: string; readonly value: string }[];
  readonly asks: readonly {
    readonly flag: string;
    readonly help: string;
    /** As one types it; "" where nothing tells it. */
    readonly value: string;
    /** Who says so: the flags that were sent, a released checkpoint of these shapes, the scripts' defaults, or nobody. */
    readonly from: "given" | "preset" | "default" | "nobody";
    /** Without it, or another that says the same, the model is not taken. */
    readonly needed?: true;
    readonly choices?: readonly string[];
  }[];
  /** Released checkpoints of these shapes. */
  readonly presets: readonly { readonly names: readonly string[]; readonly flags: string }[];
  /** What was given so far; it is sent back with the answers, and the last of repeated flags wins. */
  readonly flags: string;
  readonly notes: readonly string[];
  /** What a command that samples says beside the network, as flags: for whoever samples with it next. */
  readonly sampling?: string;
  /** What is still missing, or does not go together; absent where it is enough. */
  readonly problem?: string;
}

/** POST /api/models/waiting: the model, where nothing is to be asked; else under which id it waits for the answers. */
export type WaitingReply =
  | { readonly model: ModelSummary }
  | { readonly waits: string; readonly name: string; readonly form?: ModelForm };

/** The body of POST /api/models/waiting/:id/form. */
export const formRequest = z.strictObject({
  flags: z.string().max(10_000).default(""),
  /** Of the reference, pasted as it is. */
  command: z.string().min(1).max(20_000).exactOptional(),
});

/** The body of POST /api/models/waiting/:id: what its card will say, as flags, or as the text of one. */
export const settleRequest = z.union([
  z.strictObject({ flags: z.string().max(10_000) }),
  z.strictObject({ card: z.string().max(1_000_000) }),
]);

/** POST /api/facts of a picture, or of an NPZ of pictures. */
export type ImageFacts = ReturnType<Known["image"]>;

/** What POST /api/tensors tells of each array of a file; an NPY's is called "". */
export interface ArrayShape extends Omit<ArrayFacts, "content"> {
  readonly name: string;
}

/** GET /api/graphs and /api/samplers */
export interface DocumentSummary {
  readonly name: string;
  /** Of its present state, as it is read with. */
  readonly etag: string;
  /** Its identity, by which its runs know it (extra.guidegraph.id). */
  readonly id?: string;
  readonly title?: string;
  readonly description?: string;
  /** Of an example: the heading that it stands under. */
  readonly group?: string;
  /** Comes with the program: it can be read, not changed. */
  readonly builtIn: boolean;
  readonly modified?: string;
  /** Hash of what the graph does; a copy in a document names it in extra.guidegraph.library. */
  readonly hash: string;
  /** Of an entry of the sampler library; it rises with every save that changes something. */
  readonly version?: number;
  /** Names it had before: a copy may still know it by one. */
  readonly formerly?: readonly string[];
}

/** GET /api/quarantine: models, together in one graph, that ended their process so often that they are not run. */
export interface HeldModels {
  readonly id: string;
  readonly models: readonly string[];
  readonly crashes: number;
  /** The last signal, or what was said. */
  readonly reason: string;
  readonly since: string;
}
