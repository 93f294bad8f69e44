export { lackingOnWebGpu } from "./lacking.ts";
export { type Flavour, faster, flavours, type Lowering, tablesOf } from "./lower.ts";
