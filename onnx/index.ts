export * from "./adm/index.ts";
export * from "./autodiff/index.ts";
export * from "./checkpoint/index.ts";
export * from "./ir.ts";
export type { Flavour } from "./lower/index.ts";
export * from "./pipeline.ts";
export * from "./read-model.ts";
export * from "./rewrite/builder.ts";
export * from "./write-model.ts";
