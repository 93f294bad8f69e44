export * from "./bootstrap.ts";
export * from "./frechet-distance.ts";
export * from "./hits.ts";
export * from "./inception-score.ts";
export * from "./measured.ts";
export * from "./moments.ts";
export * from "./precision-recall.ts";
export * from "./spatial-features.ts";
