export { type Flavour, faster, tablesOf } from "./lower.ts";
