/** Runs: submitted, listed, cancelled, and what they made. */
import { pipeline } from "node:stream/promises";
import { setImmediate as turn } from "node:timers/promises";
import { type RequestHandler, Router } from "express";
import * as z from "zod";
import { resolveInside } from "../files/resolve-inside.ts";
import { type AcceptedRun, placeRequest, type RunSummary } from "../protocol.ts";
import { Refusal } from "../refusal.ts";
import type { Services } from "../service/services.ts";
import { ownRun, userOf } from "./asking.ts";
import { bodyHash, jsonBody } from "./body.ts";
import { filePolicy } from "./headers.ts";
import { notFound } from "./replies.ts";
import { sendFile } from "./send-file.ts";

const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  before: z.coerce.number().int().min(1).optional(),
});

export function runRoutes(
  { history, queue, quarantine, intake, submit, previews, data, keeper }: Services,
  basePath: string,
): Router {
  const { inUse } = keeper;
  const router = Router();

  /** Outputs whose file somebody has removed are marked. */
  const checked = async (run: RunSummary): Promise<RunSummary> => ({
    ...run,
    outputs: await Promise.all(
      run.outputs.map(async (output) =>
        (await resolveInside(data.outputs(run.id), output.name)) ? output : { ...output, missing: true as const },
      ),
    ),
  });

  const atIntake: RequestHandler = (_request, response, next) => {
    intake.count(userOf(response).name);
    next();
  };

  router.post("/runs", atIntake, ...jsonBody, async (request, response) => {
    const key = request.get("Idempotency-Key");
    if (key !== undefined && (key === "" || key.length > 200))
      throw new Refusal("malformed", "An Idempotency-Key has 1 to 200 characters");
    const { id, repeated, notes } = await submit({
      body: request.body,
      hash: bodyHash(request),
      key,
      by: userOf(response).name,
    });
    response
      .status(repeated ? 200 : 201)
      .location(`${basePath}/api/runs/${id}`)
      .json({ id, ...(notes.length > 0 && { notes }) } satisfies AcceptedRun);
  });

  router.get("/runs", async (request, response) => {
    const query = listQuery.safeParse(request.query);
    if (!query.success) throw new Refusal("malformed", "limit is 1 to 500, before is the number of a run");
    const { limit, before } = query.data;
    const runs = await history.list({ limit, ...(before !== undefined && { before }) });
    const told: RunSummary[] = [];
    for (const run of runs) {
      told.push(await checked(queue.placed(run)));
      // Each output is looked for on this thread, and others wait.
      if (run.outputs.length > 0) await turn();
    }
    response.json(told);
  });

  router.delete("/runs", async (_request, response) => {
    const user = userOf(response);
    await queue.cancelAll(user.name === undefined ? undefined : user);
    response.json({});
  });

  router.get("/runs/:id", async (request, response) => {
    const detail = await history.detail(request.params.id);
    if (!detail) throw notFound();
    response.json({ ...detail, ...(await checked(queue.placed(detail))) });
  });

  router.delete("/runs/:id", async (request, response) => {
    const { id } = await ownRun(history, request.params.id, userOf(response));
    if (!(await queue.cancel(id))) throw notFound();
    const summary = await history.summary(id);
    if (!summary) throw notFound();
    response.json(queue.placed(summary));
  });

  router.post<{ id: string }>("/runs/:id/place", ...jsonBody, async (request, response) => {
    const { id } = await ownRun(history, request.params.id, userOf(response));
    const wish = placeRequest.safeParse(request.body);
    if (!wish.success) throw new Refusal("malformed", "Send { before } or { after }, the id of a run that waits");
    await queue.place(id, wish.data);
    const summary = await history.summary(id);
    if (!summary) throw notFound();
    response.json(queue.placed(summary));
  });

  const output: RequestHandler<{ id: string; name: string }> = async (request, response, next) => {
    const { id, name } = request.params;
    const known = name.length <= 300 ? await history.output(id, name) : undefined;
    const path = known && (await resolveInside(data.outputs(id), name));
    if (!known || path === undefined) throw notFound();
    const isPicture = known.mime === "image/png";
    response.once("close", inUse.hold(id));
    response.set({
      "Content-Type": isPicture ? "image/png" : "application/octet-stream",
      "Content-Security-Policy": filePolicy,
      "Cache-Control": "private, max-age=31536000, immutable",
      ETag: `"${known.sha256}"`,
    });
    if (!isPicture) response.attachment(name).type("application/octet-stream");
    sendFile(path, { response, next, isMarked: true });
  };
  router.get("/runs/:id/outputs/:name", output);

  /** The last frame of each node, one after the other, as they pass through the socket; each with its length before it. */
  router.get("/runs/:id/previews", async (request, response) => {
    const { id } = request.params;
    if (!(await history.summary(id))) throw notFound();
    response.once("close", inUse.hold(id));
    response.type("application/octet-stream").set("Content-Security-Policy", filePolicy);
    await pipeline(previews.bytes(id), response).catch((error) => {
      if (error.code !== "ERR_STREAM_PREMATURE_CLOSE") throw error; // Whoever asked has gone.
    });
  });

  router.get("/quarantine", (_request, response) => {
    response.json(quarantine.held);
  });
  router.delete("/quarantine/:id", (request, response) => {
    if (!quarantine.release(request.params.id)) throw notFound();
    response.json({});
  });
  return router;
}
