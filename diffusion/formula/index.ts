export * from "./evaluate.ts";
export * from "./functions.ts";
export * from "./parse.ts";
export { FormulaError } from "./tokens.ts";
