/** A command line of the reference, as a graph. */
import { Router } from "express";
import { commandRequest } from "../protocol.ts";
import { Refusal } from "../refusal.ts";
import type { Services } from "../service/services.ts";
import { leaving } from "./asking.ts";
import { jsonBody } from "./body.ts";

export function commandRoute({ planner }: Services): Router {
  const router = Router();
  router.post("/commands", ...jsonBody, async (request, response) => {
    const asked = commandRequest.safeParse(request.body);
    if (!asked.success) throw new Refusal("malformed", "Send { command }, a text of at most 20,000 characters");
    response.json(await planner.ask("command", asked.data, leaving(response)));
  });
  return router;
}
