export * from "./tensor.ts";
export * from "./types.ts";
