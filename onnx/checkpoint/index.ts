export { bytesSource, type RandomAccess } from "../source.ts";
export { CheckpointError } from "./error.ts";
export { looksLikeCheckpoint, readCheckpoint } from "./read.ts";
export type { StateDict } from "./state-dict.ts";
export type { CheckpointTensor } from "./tensor.ts";
export { toFloat32Bytes, toHalfBytes } from "./to-half.ts";
