/** The HTTP side: what may enter, the routes, and a reply for everything else. */
import express, { type Express, type RequestHandler } from "express";
import { packageVersion } from "../files/package-root.ts";
import type { Health, Session } from "../protocol.ts";
import type { Services } from "../service/services.ts";
import { sessionOf } from "../users/users.ts";
import { asking, userOf } from "./asking.ts";
import { commandRoute } from "./command-route.ts";
import { documentRoutes } from "./document-routes.ts";
import { editor } from "./editor.ts";
import { fileRoutes } from "./file-routes.ts";
import { bearerOf, cookieName, type Guard } from "./guard.ts";
import { allowCrossOrigin, securityHeaders } from "./headers.ts";
import { failed, logged, missing, refuse } from "./replies.ts";
import { runRoutes } from "./run-routes.ts";

export function createApp(services: Services, guard: Guard): Express {
  const { nodes, graphs, samplers, planner, sampler, say } = services;
  const app = express();
  app.disable("x-powered-by").set("etag", false).set("query parser", "simple");
  app.use(logged(say), securityHeaders, guarded(guard));

  app.get("/api/health", (_request, response) => {
    const { stuck } = planner;
    const health = { status: "ok", version: packageVersion(), backend: sampler.backend ?? "starting" } as const;
    response.json({ ...health, ...(stuck && { stuck }) } satisfies Health);
  });
  app.get("/api/nodes", (_request, response) => {
    response.json(nodes);
  });
  app.use("/api", runRoutes(services), fileRoutes(services), commandRoute(services));
  app.use("/api/graphs", documentRoutes(graphs));
  app.use("/api/samplers", documentRoutes(samplers));
  app.post("/api/session", session);
  app.get("/api/session", (_request, response) => {
    const { name } = userOf(response);
    response.json({ ...(name !== undefined && { user: name }) } satisfies Session);
  });
  app.use("/api", missing);
  app.use(editor());
  app.use(missing, failed(say));
  return app;
}

const guarded =
  (guard: Guard): RequestHandler =>
  (request, response, next) => {
    const verdict = guard(request);
    if (verdict.crossOrigin !== undefined) response.set(allowCrossOrigin(verdict.crossOrigin)).vary("Origin");
    if (!verdict.allowed) {
      response.setHeader("Connection", "close");
      refuse(response, verdict.refusal);
      return;
    }
    asking(response, verdict.user);
    if (request.method === "OPTIONS") response.status(204).end();
    else next();
  };

/** Pictures in a page cannot send a token: a page that has it gets it as a cookie, which no other site's request carries. */
const session: RequestHandler = (request, response) => {
  response.cookie(cookieName(request), sessionOf(bearerOf(request) ?? ""), {
    httpOnly: true,
    sameSite: "strict",
    path: "/api",
    secure: request.secure,
  });
  response.status(204).end();
};
