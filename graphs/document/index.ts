export * from "./limits.ts";
export * from "./migrate.ts";
export * from "./read.ts";
export * from "./types.ts";
export * from "./write.ts";
