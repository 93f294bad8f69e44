/** A file that a graph names and no folder has: what its name is instead, or which names are near it, or where to put it. */
import { type FileKind, fileKinds, folderOf, GraphError } from "../nodes/index.ts";
import { didYouMean } from "../spelling/index.ts";
import type { Files } from "./models/host.ts";

/** `more`: what else is known of it, after the name. */
export async function notHere(files: Files, kind: FileKind, id: string, more = ""): Promise<GraphError> {
  const [plain, folder] = [fileKinds[kind].name, folderOf(kind)];
  const name = `${plain[0].toUpperCase()}${plain.slice(1)}`;
  const instead = await files.instead(kind, id);
  if (instead !== undefined) return new GraphError(`${name} "${id}" ${instead}`, "file");
  const similar = (await files.similar(kind, id)).map((one) => `"${one}"`);
  const offer = didYouMean(similar, { otherwise: files.howToBring(kind) });
  return new GraphError(`${name} "${id}"${more} is in no ${folder.name}${offer}`, "file");
}
