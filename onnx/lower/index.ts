export { type Flavour, lower } from "./lower.ts";
