export * from "./examples.ts";
export * from "./samplers.ts";
