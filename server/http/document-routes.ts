/** Documents and the sampler library: the same routes over two stores. */
import { type Response, Router } from "express";
import * as z from "zod";
import type { DocumentStore, StoredDocument } from "../documents/document-store.ts";
import { asName, isDocumentName, nameRule } from "../documents/name.ts";
import { readSent } from "../documents/sent.ts";
import { Refusal } from "../refusal.ts";
import { jsonBody } from "./body.ts";
import { notFound } from "./replies.ts";

export function documentRoutes(store: DocumentStore): Router {
  const router = Router();

  router.get("/", async (_request, response) => {
    response.json(await store.list());
  });

  router.get("/:name", async (request, response) => {
    const name = asName(request.params.name);
    const found = await store.read(name);
    if (!found) throw notFound();
    if (await store.isBuiltIn(name)) response.set("ETag", found.etag);
    else tagged(response, found);
    response.type("application/json").send(found.text);
  });

  router.put("/:name", ...jsonBody, async (request, response) => {
    const name = nameIn(request.params);
    if (!isDocumentName(name)) throw new Refusal("malformed", nameRule);
    if (await store.isBuiltIn(name)) throw new Refusal("taken", `"${name}" comes with GuideGraph: choose another name`);
    const document = await readSent(request.body);
    const noneMatch = request.get("If-None-Match");
    let twin: string | undefined;
    const written = await store.write(name, document, (before, elsewhere) => {
      twin = noneMatch === "*" ? elsewhere : undefined;
      return twin === undefined && agrees(before, request.get("If-Match"), noneMatch);
    });
    if (twin !== undefined)
      throw new Refusal("changed", `This document is here as "${twin}": save over that, or without its id as another`);
    if (!written) throw new Refusal("changed", `"${name}" was changed meanwhile: read it again`);
    const { after, isNew } = written;
    tagged(response.status(isNew ? 201 : 200), after).json({ name });
  });

  router.patch("/:name", ...jsonBody, async (request, response) => {
    const name = nameIn(request.params);
    const asked = rename.safeParse(request.body);
    if (!asked.success) throw new Refusal("malformed", 'The body must be { "name": "the new name" }');
    const to = asName(asked.data.name);
    if (!isDocumentName(to)) throw new Refusal("malformed", nameRule);
    const done = await store.rename(name, to, (before) => agrees(before, request.get("If-Match"), undefined));
    if (done === "missing" && isDocumentName(name) && (await store.isBuiltIn(name)))
      throw new Refusal("taken", `"${name}" comes with GuideGraph and keeps its name`);
    if (done === "missing") throw notFound();
    if (done === "taken") throw new Refusal("taken", `There is a "${to}" already: choose another name`);
    if (done === "changed") throw new Refusal("changed", `"${name}" was changed meanwhile: read it again`);
    tagged(response, done).json({ name: to });
  });

  router.delete("/:name", async (request, response) => {
    const name = nameIn(request.params);
    if (isDocumentName(name) && (await store.isBuiltIn(name)))
      throw new Refusal("taken", `"${name}" comes with GuideGraph and stays`);
    if (!(await store.remove(name))) throw notFound();
    response.status(204).end();
  });
  return router;
}

/** A router in another names what its own are. */
const nameIn = (params: unknown): string => asName((params as { name: string }).name);

/**
 * The tag of a document that can be written over. Proxies that compress make another of an ETag, a weak one or none, and then no
 * If-Match fits; a header that they do not know passes as it is.
 */
const tagged = (response: Response, { etag }: StoredDocument): Response =>
  response.set({ ETag: etag, "Document-ETag": etag });

const rename = z.strictObject({ name: z.string() });

/** RFC 9110, 13.1: If-Match writes only over what was read, `If-None-Match: *` only where nothing is. */
function agrees(before: StoredDocument | undefined, match: string | undefined, noneMatch: string | undefined): boolean {
  if (noneMatch === "*" && before) return false;
  if (match === undefined) return true;
  return before !== undefined && (match === "*" || match.split(/,\s*/).includes(before.etag));
}
