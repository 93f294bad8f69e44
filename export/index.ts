export { type Exported, type ExportedStep, type ExportOptions, exportedPorts, exportPlan } from "./export.ts";
export type { GraphInput } from "./inputs.ts";
export { manifestOf } from "./manifest.ts";
export type { GraphOutput, LeftOut } from "./outputs.ts";
