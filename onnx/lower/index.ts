export { type Flavour, faster, type Lowering, tablesOf } from "./lower.ts";
