export { type NpyArray, type NpyType, readNpy } from "./npy.ts";
export { entryOf, type NpzEntry, readNpz, writeNpz } from "./npz.ts";
export { decodePng, encodePng } from "./png.ts";
export { isPng } from "./png-chunks.ts";
export { graphKeyword, readText, textChunk, withText } from "./png-text.ts";
