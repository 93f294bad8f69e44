/**
 * A run is held to the files of its plan: between the two, and between its batches, a picture or a model may be replaced. What is
 * then loaded would be another thing than the plan's facts and keys say, and would be kept under them.
 */
import { type Context, GraphError, type Known, type ModelFile } from "../nodes/index.ts";
import type { ImageStore } from "./images.ts";
import type { AskedNetwork } from "./models/networks.ts";
import type { TensorStore } from "./tensors.ts";

/** The content of each file that a plan asked of, as it was told. */
export interface Told {
  network(...asked: Parameters<Known["network"]>): string | undefined;
  image(id: string): string | undefined;
  tensor(id: string, array: string): string | undefined;
  /** Which files these are, each once. */
  readonly files: readonly ToldFile[];
  /** Which of them are networks, and as what they are read. */
  readonly networks: readonly AskedNetwork[];
}

/** A file by the id that a graph names. */
export type ToldFile =
  | ({ readonly kind: "model" } & Pick<ModelFile, "file" | "sha256">)
  | { readonly kind: "image" | "tensor"; readonly file: string };

interface Files {
  readonly models: Context["models"];
  readonly images: Pick<ImageStore, "load" | "features">;
  readonly tensors: Pick<TensorStore, "load">;
}

/** The same files; a GraphError for one that is another now. What the plan did not know (a wire names it) may be any. */
export function heldTo(
  { network, image, tensor }: Told,
  { models, images, tensors }: Files,
): Pick<Context, keyof Files> {
  const model = async <T extends { readonly facts: { readonly content?: string } }>(
    what: string,
    file: ModelFile,
    content: string | undefined,
    load: () => Promise<T>,
  ): Promise<T> => {
    const loaded = await load().catch((error) => {
      // Its hash was right when it was planned.
      throw content !== undefined && error instanceof GraphError && error.port === "sha256"
        ? replaced(what, file.file)
        : error;
    });
    if (content !== undefined && loaded.facts.content !== content) throw replaced(what, file.file);
    return loaded;
  };
  const picture = <T extends { readonly content: string } | undefined>(id: string, loaded: T): T => {
    const content = image(id);
    if (loaded && content !== undefined && loaded.content !== content) throw replaced("Picture", id);
    return loaded;
  };
  return {
    models: {
      unet: (file) => model("UNet", file, network("unet", file), () => models.unet(file)),
      classifier: (file) => model("Classifier", file, network("classifier", file), () => models.classifier(file)),
      network: (file) => model("Network", file, network("network", file), () => models.network(file)),
      condFn: (of, labels, scale) => models.condFn(of, labels, scale),
      differentiated: (graph) => models.differentiated(graph),
    },
    images: {
      load: async (id) => picture(id, await images.load(id)),
      features: async (id) => picture(id, await images.features(id)),
    },
    tensors: {
      async load(id, array) {
        const loaded = await tensors.load(id, array);
        const content = tensor(id, array);
        if (content !== undefined && loaded.content !== content) throw replaced("Array file", id);
        return loaded;
      },
    },
  };
}

const replaced = (what: string, file: string) =>
  new GraphError(`${what} "${file}" was replaced by another file after this run was planned: run it again`, "file");
