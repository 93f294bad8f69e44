export * from "./autodiff/index.ts";
export * from "./builder.ts";
export * from "./ir.ts";
export * from "./model.ts";
