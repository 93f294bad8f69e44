/** Models on their way in: each comes whole, says what it lacks, and gets its place with the answers, or none. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Router } from "express";
import { isDeeperThan, limits, nestedDeeper } from "../../graphs/document/index.ts";
import { cardName, parseModelFlags } from "../../onnx/index.ts";
import { cardOfFlags, cardOfText, type ModelCard } from "../files/model-card.ts";
import { placeModel } from "../files/place-model.ts";
import { arrive } from "../files/receive.ts";
import { formRequest, type ModelSummary, settleRequest, type WaitingReply } from "../protocol.ts";
import { Refusal } from "../refusal.ts";
import type { Services } from "../service/services.ts";
import { leaving } from "./asking.ts";
import { fileBody, jsonBody } from "./body.ts";
import { lengthOf, maxModelBytes, uploadName } from "./uploads.ts";

export function waitingRoutes({ planner, data, ballast, waiting }: Services): Router {
  const router = Router();

  router.post("/models/waiting", fileBody, async (request, response) => {
    const name = uploadName(request, "model");
    const options = { folder: data.models, name, maxBytes: maxModelBytes, declared: lengthOf(request), ballast };
    const arrived = await arrive(request, options);
    const { path } = arrived;
    let reply: WaitingReply;
    try {
      const isListed = [name, cardName(name)].every((file) => existsSync(join(data.models, file)));
      const hasCard = request.query.card !== undefined;
      const form = isListed && !hasCard ? null : await planner.ask("modelForm", { path, name, flags: "" });
      if (form === null && !hasCard) {
        const model = await planner.ask("newModel", { ...arrived, name, flags: "" });
        await placeModel(arrived, data.models, name, undefined);
        await rm(path, { force: true });
        reply = { model };
      } else reply = { waits: (await waiting.add(arrived, name)).id, name, ...(form && { form }) };
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
    response.status(201).json(reply);
  });

  router.post<{ id: string }>("/models/waiting/:id/form", ...jsonBody, async (request, response) => {
    await waiting.at(request.params.id, async ({ path, name }) => {
      const asked = formRequest.safeParse(request.body);
      if (!asked.success) throw new Refusal("malformed", "Send { flags } or { command }, a text each");
      response.json(await planner.ask("modelForm", { path, name, ...asked.data }, leaving(response)));
    });
  });

  router.post<{ id: string }>("/models/waiting/:id", ...jsonBody, async (request, response) => {
    await waiting.at(request.params.id, async ({ id, path, sha256, name }) => {
      const asked = settleRequest.safeParse(request.body);
      if (!asked.success) throw new Refusal("malformed", "Send { flags } or { card }, a text");
      if ("card" in asked.data && isDeeperThan(asked.data.card, limits.depth))
        throw new Refusal("unfit", `The card ${nestedDeeper(limits.depth)}`);
      const answers = "card" in asked.data ? { flags: "", card: asked.data.card } : asked.data;
      const summary = await planner.ask("newModel", { path, sha256, name, ...answers });
      const isNew = await waiting.settle(id, "card" in answers ? cardOfText(answers.card) : cardOf(summary, answers));
      response.status(isNew ? 201 : 200).json(summary);
    });
  });

  router.delete("/models/waiting/:id", async (request, response) => {
    await waiting.remove(request.params.id);
    response.status(204).end();
  });
  return router;
}

/** All that is known of it, so that nothing is to be guessed again. */
const cardOf = ({ flags: known = "" }: ModelSummary, { flags }: { readonly flags: string }): ModelCard | undefined =>
  known === "" ? undefined : cardOfFlags(parseModelFlags(known), parseModelFlags(flags));
