/** The HTTP side: what may enter, the routes, and a reply for everything else. */
import express, { type Express, type RequestHandler } from "express";
import { metricsOf } from "../metrics/metrics.ts";
import type { Session } from "../protocol.ts";
import { Refusal } from "../refusal.ts";
import { healthOf } from "../service/health.ts";
import type { Services } from "../service/services.ts";
import { sessionOf } from "../users/users.ts";
import { asking, userOf } from "./asking.ts";
import { commandRoute } from "./command-route.ts";
import { documentRoutes } from "./document-routes.ts";
import { editor } from "./editor.ts";
import { exportRoute } from "./export-route.ts";
import { fileRoutes } from "./file-routes.ts";
import { type Front, front } from "./front.ts";
import { bearerOf, cookieName, type Guard } from "./guard.ts";
import { allowCrossOrigin, securityHeaders } from "./headers.ts";
import { keepingRoutes } from "./keeping-routes.ts";
import { metricsRoute } from "./metrics-route.ts";
import { failed, logged, missing, refuse } from "./replies.ts";
import { runRoutes } from "./run-routes.ts";
import { waitingRoutes } from "./waiting-routes.ts";
import { workRoutes } from "./work-routes.ts";

export function createApp(services: Services, guard: Guard, before: Front = front()): Express {
  const { nodes, graphs, samplers, traffic, say } = services;
  const app = express();
  app.disable("x-powered-by").set("etag", false).set("query parser", "simple");
  app.use(
    logged(say, (reason) => traffic.refuse(reason), before),
    securityHeaders,
    guarded(guard),
  );

  app.get("/api/health", async (_request, response) => {
    await services.folders.lookBriefly();
    const health = healthOf(services);
    response.status(health.status === "unavailable" ? 503 : 200).json(health);
  });
  app.get("/metrics", metricsRoute(metricsOf(services)));
  app.get("/api/nodes", (_request, response) => {
    response.json(nodes);
  });
  app.use("/api", keeping(services));
  app.use("/api", runRoutes(services, before.basePath), keepingRoutes(services));
  app.use("/api", waitingRoutes(services), fileRoutes(services), commandRoute(services), exportRoute(services));
  if (services.machines) app.use("/api/work", workRoutes(services.machines, services));
  app.use("/api/graphs", documentRoutes(graphs));
  app.use("/api/samplers", documentRoutes(samplers));
  app.post("/api/session", session(before));
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

/** Asked by what is sent, and write nothing. */
const asked = new Set(["/session", "/facts", "/commands"]);

/** What would be written is refused while it would be lost; what goes or is ended may. */
const keeping =
  ({ folders }: Pick<Services, "folders">): RequestHandler =>
  async ({ method, path }, _response, next) => {
    const writes = ["POST", "PUT", "PATCH"].includes(method) && !asked.has(path);
    const amiss = writes ? await folders.look() : undefined;
    if (amiss !== undefined) throw new Refusal("unavailable", amiss);
    next();
  };

/** Pictures in a page cannot send a token: a page that has it gets it as a cookie, which no other site's request carries. */
const session =
  ({ outer, basePath }: Front): RequestHandler =>
  (request, response) => {
    const asked = outer(request);
    response.cookie(cookieName(asked), sessionOf(bearerOf(request) ?? ""), {
      httpOnly: true,
      sameSite: "strict",
      path: `${basePath}/api`,
      secure: asked.scheme === "https",
    });
    response.status(204).end();
  };
