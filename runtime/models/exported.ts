/** What GuideGraph's own exports say of themselves, so that nobody takes one for a network. */
import type { OnnxModel } from "../../onnx/index.ts";
import type { Roles } from "./roles.ts";

/** In the metadata of an exported model; its value is what it is of a graph: its sampler, or a step of it. */
const key = "guidegraph_export";

export type ExportedPart = "sampler" | "step";

export const markedAs = (model: OnnxModel, part: ExportedPart): OnnxModel => ({
  ...model,
  metadata: new Map([...model.metadata, [key, part]]),
});

/** The roles that are found in a model. Throws a SyntaxError where it was exported here and is no network, or none of the kind that is wanted. */
export function rolesUnlessExported(model: OnnxModel, isAnyNetwork: boolean, find: () => Roles): Roles {
  const part = model.metadata.get(key);
  if (part === undefined) return find();
  try {
    if (isAnyNetwork) return find();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const what = part === "step" ? "a step of a sampler" : "a whole sampler";
  throw new SyntaxError(
    `it is ${what} that GuideGraph exported, with its networks in it, and no network: onnxruntime runs it with what the manifest.json beside it names (docs/export.md); to sample here, open the graph that it was exported from`,
  );
}
