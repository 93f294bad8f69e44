/** The files that the server lists, by the kind that a parameter names. */
import type { FileKind } from "../../nodes/file-kinds.ts";
import type { State } from "./state.ts";

export const listedFiles = ({ models, images, tensors }: Pick<State, "models" | "images" | "tensors">) =>
  ({ model: models, image: images, tensor: tensors }) satisfies Readonly<
    Record<FileKind, readonly { readonly id: string }[]>
  >;
