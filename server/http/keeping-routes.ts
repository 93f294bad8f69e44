/** How long runs are kept: pinned, put into the trash and taken out of it, removed; and what all of it weighs. */
import { Router } from "express";
import type { Services } from "../service/services.ts";
import { expectOwn } from "../users/user.ts";
import { ownRun, userOf } from "./asking.ts";
import { notFound } from "./replies.ts";

export function keepingRoutes(services: Services): Router {
  const { history, queue, keeper } = services;
  const { bin, kept, usage } = keeper;
  const router = Router();

  for (const [method, pinned] of [
    ["put", true],
    ["delete", false],
  ] as const)
    router[method]("/runs/:id/pin", async (request, response) => {
      const { id } = await ownRun(history, request.params.id, userOf(response));
      await kept.pin(id, pinned);
      queue.changed.next(id);
      const summary = await history.summary(id);
      if (!summary) throw notFound();
      response.json(queue.placed(summary));
    });

  router.post("/runs/:id/trash", async (request, response) => {
    const run = await ownRun(history, request.params.id, userOf(response));
    await bin.putAway(run);
    response.json(await trashed(run.id));
  });

  router.post("/runs/:id/restore", async (request, response) => {
    const { id } = request.params;
    expectOwn(userOf(response), await trashed(id));
    await bin.restore(id);
    response.json(await history.summary(id));
  });

  router.get("/trash", async (_request, response) => {
    response.json(await bin.list());
  });
  router.delete("/trash/:id", async (request, response) => {
    const { id } = request.params;
    expectOwn(userOf(response), await trashed(id));
    await bin.remove(id);
    response.status(204).end();
  });
  router.delete("/trash", async (_request, response) => {
    const { name } = userOf(response);
    await bin.empty(({ by }) => name === undefined || by === name);
    response.status(204).end();
  });

  router.get("/usage", async (_request, response) => {
    response.json(await usage());
  });

  async function trashed(id: string) {
    const run = await bin.find(id);
    if (!run) throw notFound();
    return run;
  }
  return router;
}
