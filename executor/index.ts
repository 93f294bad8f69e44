export * from "./cache.ts";
export * from "./errors.ts";
export * from "./indices.ts";
export type { Position, Watch } from "./op.ts";
export * from "./parameters.ts";
export * from "./plan.ts";
export * from "./run.ts";
export * from "./types.ts";
export * from "./upgrade.ts";
