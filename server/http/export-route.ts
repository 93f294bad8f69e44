/** A graph's export as one archive. Whoever leaves before it is there ends it. */
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Router } from "express";
import { zipPieces } from "../../runtime/index.ts";
import { readSent } from "../documents/sent.ts";
import type { Services } from "../service/services.ts";
import { leaving } from "./asking.ts";
import { jsonBody } from "./body.ts";

export function exportRoute({ exporter }: Pick<Services, "exporter">): Router {
  const router = Router();
  router.post("/exports", ...jsonBody, async (request, response) => {
    const { folder, names, remove } = await exporter.export(await readSent(request.body), leaving(response));
    try {
      // What it is of comes before the weights: the manifest, which was written last.
      const entries = names.toReversed().map((name) => ({ name, read: () => createReadStream(join(folder, name)) }));
      response.attachment("export.zip");
      await pipeline(Readable.from(zipPieces(entries)), response);
    } finally {
      await remove();
    }
  });
  return router;
}
