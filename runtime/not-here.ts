/** A file that a graph names and no folder has: what its name is instead, or which names are near it, or where to put it. */
import { type FileKind, GraphError } from "../nodes/index.ts";
import type { Files } from "./models/host.ts";

/** How a kind is called at the beginning of a sentence, and where its files are looked for. */
const words: Readonly<Record<FileKind, { readonly name: string; readonly folder: string; readonly flag: string }>> = {
  model: { name: "Model", folder: "models folder", flag: "--models" },
  image: { name: "Picture", folder: "pictures folder", flag: "--images" },
  tensor: { name: "Array file", folder: "pictures folder", flag: "--images" },
};

/** `more`: what else is known of it, after the name. */
export async function notHere(files: Files, kind: FileKind, id: string, more = ""): Promise<GraphError> {
  const { name, folder, flag } = words[kind];
  const instead = await files.instead(kind, id);
  if (instead !== undefined) return new GraphError(`${name} "${id}" ${instead}`, "file");
  const similar = (await files.similar(kind, id)).map((one) => `"${one}"`);
  const offer = similar.length > 0 ? `; did you mean ${similar.join(" or ")}?` : `; give its folder with ${flag}`;
  return new GraphError(`${name} "${id}"${more} is in no ${folder}${offer}`, "file");
}
