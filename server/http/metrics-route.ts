/** GET /metrics, for Prometheus. */
import type { RequestHandler } from "express";
import type { Registry } from "prom-client";

export const metricsRoute =
  (register: Pick<Registry, "metrics" | "contentType">): RequestHandler =>
  async (_request, response) => {
    response.type(register.contentType).send(await register.metrics());
  };
