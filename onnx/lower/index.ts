export { type Flavour, faster, flavours, type Lowering, tablesOf } from "./lower.ts";
