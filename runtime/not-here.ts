/** A file that a graph names and no folder has: what its name is instead, or which names are near it, or where to put it. */
import { type FileKind, folderOf, GraphError } from "../nodes/index.ts";
import type { Files } from "./models/host.ts";

/** How a kind is called at the beginning of a sentence. */
const names: Readonly<Record<FileKind, string>> = { model: "Model", image: "Picture", tensor: "Array file" };

/** `more`: what else is known of it, after the name. */
export async function notHere(files: Files, kind: FileKind, id: string, more = ""): Promise<GraphError> {
  const [name, folder] = [names[kind], folderOf(kind)];
  const instead = await files.instead(kind, id);
  if (instead !== undefined) return new GraphError(`${name} "${id}" ${instead}`, "file");
  const similar = (await files.similar(kind, id)).map((one) => `"${one}"`);
  const offer = similar.length > 0 ? `did you mean ${similar.join(" or ")}?` : files.howToBring(kind);
  return new GraphError(`${name} "${id}"${more} is in no ${folder.name}; ${offer}`, "file");
}
