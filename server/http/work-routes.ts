/** What machines that help are given, and what they bring: orders, files that these name, results. Absent without Redis. */
import { Router } from "express";
import { receive } from "../files/receive.ts";
import type { Machines } from "../machines/machines.ts";
import { Refusal } from "../refusal.ts";
import type { Services } from "../service/services.ts";
import { openPacked } from "../shards/packed.ts";
import { userOf } from "./asking.ts";
import { fileBody } from "./body.ts";
import { notFound } from "./replies.ts";
import { sendFile } from "./send-file.ts";
import { lengthOf } from "./uploads.ts";

/** A shard of 30 s has less: 1,024 pictures of 1,024×1,024. */
const maxResultBytes = 4 * 2 ** 30;

export function workRoutes({ desk }: Machines, { ballast }: Pick<Services, "ballast">): Router {
  const router = Router();

  // Whoever brings results decides what is in them, for runs of all.
  router.use((_request, response, next) => {
    if (userOf(response).name !== undefined)
      throw new Refusal("forbidden", "Machines that help come with the token of the server's owner");
    next();
  });

  router.get("/", (_request, response) => {
    response.json({});
  });

  router.get("/orders/:hash", (request, response, next) => {
    const path = desk.orderAt(request.params.hash);
    if (path === undefined) throw notFound();
    sendFile(path, { response, next });
  });

  /** In parts too: a model of gigabytes goes on where it broke off. */
  router.get("/files/:sha256", (request, response, next) => {
    const path = desk.fileAt(request.params.sha256);
    if (path === undefined) throw notFound();
    response.type("application/octet-stream");
    sendFile(path, { response, next, isMarked: true });
  });

  router.put<{ key: string }>("/results/:key", fileBody, async (request, response) => {
    const { key } = request.params;
    if (desk.isLeft) throw new Refusal("unavailable", "The server is stopping; the next one takes it");
    if (!desk.isAwaited(key))
      throw new Refusal("absent", "Nobody waits for this result: it has come, or its run is over");
    const place = desk.placeOf(key);
    const declared = lengthOf(request);
    const look = async (path: string) => {
      await openPacked(path).catch((error: Error) => {
        throw new Refusal("unfit", `This result did not come whole: ${error.message}`);
      });
    };
    const { isNew } = await receive(request, { ...place, maxBytes: maxResultBytes, declared, ballast, look });
    desk.look(key);
    response.status(isNew ? 201 : 200).json({});
  });
  return router;
}
