export { readCheckpoint } from "./read.ts";
export { bytesSource, CheckpointError, type RandomAccess } from "./source.ts";
export type { StateDict } from "./state-dict.ts";
export type { CheckpointTensor } from "./tensor.ts";
export { toFloat32Bytes, toHalfBytes } from "./to-half.ts";
