/** Models and pictures: what graphs may name, and uploads of more. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Router } from "express";
import { isNamedAs } from "../../nodes/index.ts";
import { parseModelFlags } from "../../onnx/index.ts";
import { expectBatch, placeInBatch } from "../files/batch-folder.ts";
import { cardOfFlags, type ModelCard } from "../files/model-card.ts";
import { placeModel } from "../files/place-model.ts";
import { receive } from "../files/receive.ts";
import { resolveInside } from "../files/resolve-inside.ts";
import { factsRequest } from "../protocol.ts";
import { Refusal } from "../refusal.ts";
import type { Services } from "../service/services.ts";
import { leaving } from "./asking.ts";
import { fileBody, jsonBody } from "./body.ts";
import { filePolicy } from "./headers.ts";
import { notFound } from "./replies.ts";
import { sendFile } from "./send-file.ts";
import { stateTag } from "./state-tag.ts";
import { batchName, lengthOf, maxModelBytes, queryText, uploadName } from "./uploads.ts";

/** An NPZ of 50,000 pictures of 64×64 has 600 MB. */
const maxArrayBytes = 2 ** 30;
const maxPictureBytes = 20 * 2 ** 20;

const imageTypes: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  webp: "image/webp",
  npz: "application/octet-stream",
  npy: "application/octet-stream",
};

export function fileRoutes({ planner, data, ballast, imageFolders }: Services): Router {
  const router = Router();

  router.get("/models", async (_request, response) => {
    response.json(await planner.models(leaving(response)));
  });

  router.post("/models", fileBody, async (request, response) => {
    const name = uploadName(request, "model");
    const flags = queryText(request, "flags");
    const card = cardOf(flags);
    const { isNew, found } = await receive(request, {
      folder: data.models,
      name,
      maxBytes: maxModelBytes,
      declared: lengthOf(request),
      ballast,
      look: (path, sha256) => planner.ask("newModel", { path, sha256, name, flags }, leaving(response)),
      put: (arrived) => placeModel(arrived, data.models, name, card),
    });
    response.status(isNew ? 201 : 200).json(found);
  });

  router.post("/facts", ...jsonBody, async (request, response) => {
    const asked = factsRequest.safeParse(request.body);
    if (!asked.success)
      throw new Refusal("malformed", "Ask { role, file, sha256, flags }, { image } or { tensor, array }");
    const left = leaving(response);
    if ("image" in asked.data) response.json(await planner.ask("image", { file: asked.data.image }, left));
    else if ("tensor" in asked.data) {
      const { tensor: file, array } = asked.data;
      response.json(await planner.ask("tensor", { file, array }, left));
    } else {
      const { role, ...file } = asked.data;
      response.json(await planner.ask("network", { role, file }, left));
    }
  });

  router.get("/images", async (_request, response) => {
    const ids = await planner.ask("images", null, leaving(response));
    response.json(ids.map((id) => ({ id })));
  });

  router.post("/images", fileBody, async (request, response) => {
    const name = uploadName(request, "image");
    const batch = batchName(request);
    const isArray = isNamedAs("tensor", name);
    if (batch !== undefined && isArray) throw new Refusal("malformed", "An NPZ is a batch by itself: give no ?batch=");
    const isNewBatch = request.get("If-None-Match") === "*";
    if (batch !== undefined) expectBatch(data.images, batch, isNewBatch, imageFolders);
    const into = join(data.images, batch ?? "");
    const maxBytes = isArray ? maxArrayBytes : maxPictureBytes;
    const { isNew, found } = await receive(request, {
      folder: data.images,
      into,
      name,
      maxBytes,
      declared: lengthOf(request),
      ballast,
      look: (path) => planner.ask("newImage", { path, name }, leaving(response)),
      ...(batch !== undefined && { put: (arrived) => placeInBatch(arrived, into, name, isNewBatch) }),
    });
    response.status(isNew ? 201 : 200).json({ id: batch === undefined ? name : `${batch}/${name}`, ...found });
  });

  router.get("/tensors", async (_request, response) => {
    const ids = await planner.ask("tensors", null, leaving(response));
    response.json(ids.map((id) => ({ id })));
  });

  router.post("/tensors", fileBody, async (request, response) => {
    const name = uploadName(request, "tensor");
    const { isNew, found } = await receive(request, {
      folder: data.images,
      name,
      maxBytes: maxArrayBytes,
      declared: lengthOf(request),
      ballast,
      look: (path) => planner.ask("newTensor", { path, name }, leaving(response)),
    });
    response.status(isNew ? 201 : 200).json({ id: name, arrays: found });
  });

  router.get("/images/*id", async (request, response, next) => {
    const id = ([] as string[]).concat(request.params.id).join("/");
    const kind = imageTypes[/\.([a-z]+)$/i.exec(id)?.[1].toLowerCase() ?? ""];
    if (kind === undefined) throw notFound();
    const paths = await Promise.all(imageFolders.map((folder) => resolveInside(folder, id)));
    const path = paths.find((found) => found !== undefined);
    if (path === undefined) throw notFound();
    const state = await stat(path).catch(() => {
      throw notFound();
    });
    response.set({ "Content-Security-Policy": filePolicy, "Cache-Control": "no-cache", ETag: stateTag(state) });
    response.type(kind);
    if (!kind.startsWith("image/")) response.attachment();
    sendFile(path, { response, next, isMarked: true });
  });
  return router;
}

/** Flags as the card beside the file, where every graph finds them. */
function cardOf(flags: string): ModelCard | undefined {
  if (flags.trim() === "") return undefined;
  try {
    return cardOfFlags(parseModelFlags(flags));
  } catch (error) {
    throw new Refusal("unfit", error instanceof Error ? error.message : String(error));
  }
}
