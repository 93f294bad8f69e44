export { labelsFor } from "./checks.ts";
export * from "./context.ts";
export * from "./describe.ts";
export * from "./kinds.ts";
export * from "./node.ts";
export type { Facts, Parameter, Port, Ports, Values } from "./port.ts";
export * as port from "./port.ts";
export * from "./reference.ts";
export * from "./registry.ts";
