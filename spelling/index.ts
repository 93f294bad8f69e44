export * from "./did-you-mean.ts";
export * from "./near.ts";
