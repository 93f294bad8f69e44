export { BoundedCache, Budget } from "./bounded-cache.ts";
export * from "./codecs/index.ts";
export { type ImageStore, imageStore } from "./images.ts";
export { type FileFacts, withFacts, withKnown } from "./known.ts";
export * from "./models/host.ts";
export type { About, Network } from "./models/network.ts";
export { Networks, type NetworksOptions } from "./models/networks.ts";
export { type RunOutputs, runOutputs } from "./outputs.ts";
export { modelsOf } from "./world.ts";
