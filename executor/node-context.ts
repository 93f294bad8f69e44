import type { Context } from "../nodes/index.ts";
import type { World } from "./types.ts";

/** What one node sees of the world in one batch. Most nodes write nothing, so outputs are opened by the first use. */
export class NodeContext implements Context {
  readonly models: Context["models"];
  readonly images: Context["images"];
  readonly tensors: Context["tensors"];
  #outputs: Context["outputs"] | undefined;
  readonly #open: () => Context["outputs"];

  constructor(
    { models, images, tensors }: World,
    readonly signal: AbortSignal,
    readonly batch: Context["batch"],
    open: () => Context["outputs"],
  ) {
    this.models = models;
    this.images = images;
    this.tensors = tensors;
    this.#open = open;
  }

  get outputs(): Context["outputs"] {
    this.#outputs ??= this.#open();
    return this.#outputs;
  }
}
