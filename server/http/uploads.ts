/** What uploads say of themselves: how they are called, and how long they are. */
import type { Request } from "express";
import { extensionsOf, type FileKind, fileKinds, isNamedAs } from "../../nodes/index.ts";
import { asName, isDocumentName, nameRule } from "../documents/name.ts";
import { Refusal } from "../refusal.ts";

/** The largest released checkpoint has 2.2 GB. */
export const maxModelBytes = 16 * 2 ** 30;

export const lengthOf = (request: Request): number => Number(request.headers["content-length"] ?? 0);

/** Throws a Refusal for one that is no name of a file of the kind. */
export function uploadName(request: Request, kind: FileKind): string {
  const name = asName(queryText(request, "name"));
  if (!isDocumentName(name)) throw new Refusal("malformed", `${nameRule}: give it as ?name=`);
  if (!isNamedAs(kind, name)) throw new Refusal("malformed", `The name must end in ${extensionsOf(kind)}`);
  return name;
}

/** Of a folder among the pictures, whose pictures are one batch; undefined where none is asked for. Throws a Refusal. */
export function batchName(request: Request): string | undefined {
  const name = asName(queryText(request, "batch"));
  if (name !== "" && !isDocumentName(name)) throw new Refusal("malformed", `${nameRule}: give the batch as ?batch=`);
  const kind = (Object.keys(fileKinds) as FileKind[]).find((kind) => isNamedAs(kind, name));
  if (kind !== undefined) throw new Refusal("malformed", "A batch is a folder: its name cannot end as a file’s does");
  return name === "" ? undefined : name;
}

export function queryText({ query }: Request, name: string): string {
  const text = query[name] ?? "";
  if (typeof text !== "string" || text.length > 10_000) throw new Refusal("malformed", `${name} must be given once`);
  return text;
}
