/**
 * What passes between a server and its clients, in both directions, with the schemas that both sides hold it to. Plain
 * data and nothing of Node or a browser: docs/protocol.md tells it in words, for clients in other languages.
 */
export * from "./protocol/events.ts";
export * from "./protocol/health.ts";
export * from "./protocol/models.ts";
export * from "./protocol/previews.ts";
export * from "./protocol/requests.ts";
export * from "./protocol/runs.ts";
export * from "./protocol/shared.ts";
