/** A graph's export as one archive. */
import { createReadStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Router } from "express";
import { writeDocument } from "../../graphs/document/index.ts";
import { zipPieces } from "../../runtime/index.ts";
import { readSent } from "../documents/sent.ts";
import { exportNotesHeader } from "../protocol.ts";
import type { Services } from "../service/services.ts";
import { jsonBody } from "./body.ts";

export function exportRoute({ planner }: Services): Router {
  const router = Router();
  router.post("/exports", ...jsonBody, async (request, response) => {
    const graph = JSON.stringify(writeDocument(readSent(request.body)));
    const folder = await mkdtemp(join(tmpdir(), "guidegraph-export-"));
    try {
      const { files, notes } = await planner.ask("export", { graph, folder });
      response.attachment("export.zip").set(exportNotesHeader, encodeURIComponent(JSON.stringify(notes)));
      const entries = files.map((name) => ({ name, read: () => createReadStream(join(folder, name)) }));
      await pipeline(Readable.from(zipPieces(entries)), response);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
  return router;
}
