export { type AboutSamples, aboutSamples, readAboutSamples, type SampleRange } from "./about-samples.ts";
export { BoundedCache, Budget } from "./bounded-cache.ts";
export * from "./codecs/index.ts";
export { atFault } from "./drawn/at-fault.ts";
export { drawnClassifier, drawnCondFn, drawnModel, drawnNetwork } from "./drawn/networks.ts";
export { type Parts, partsOf } from "./drawn/parts.ts";
export { type DrawnPictures, readPictures } from "./drawn/pictures.ts";
export { batchDim, Sheet } from "./drawn/sheet.ts";
export { imageOf } from "./drawn/values.ts";
export { heldTo, type Told, type ToldFile } from "./held.ts";
export { type ImageStore, imageStore } from "./images.ts";
export { type FileFacts, inNodeFlags, type ReadFiles, withFacts, withKnown, withTold } from "./known.ts";
export { type AskedCheckpoint, askedCheckpoint } from "./models/asked-checkpoint.ts";
export {
  type Build,
  type Called,
  type Composition,
  composed,
  composedWithGradient,
  type Made,
} from "./models/composition.ts";
export { type ExportedPart, markedAs } from "./models/exported.ts";
export * from "./models/host.ts";
export { nativeWords } from "./models/native-words.ts";
export type { About, Network } from "./models/network.ts";
export { type AskedNetwork, Networks, type NetworksOptions } from "./models/networks.ts";
export { weightNames } from "./models/onnx-network.ts";
export { type OutputUse, outputUses } from "./models/output-uses.ts";
export { type ComputedIn, computedIns, type Precision, precisions } from "./models/precision.ts";
export { type SideBySide, sideBySideOf } from "./models/side-by-side.ts";
export { type RunOutputs, runOutputs } from "./outputs.ts";
export { statisticsIn } from "./statistics.ts";
export {
  type Gathered,
  memorySpool,
  type Numbers,
  type Pieces,
  type Place,
  type Spool,
  type Store,
} from "./store.ts";
export { type TensorStore, tensorStore } from "./tensors.ts";
export { modelsOf } from "./world.ts";
