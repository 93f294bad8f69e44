export { isJpeg, isNpy, isPng, isWebp, isZip } from "./kinds.ts";
export { type NpyArray, type NpyType, readNpy, shapeText } from "./npy.ts";
export {
  entryOf,
  type NpzEntry,
  type NpzStream,
  npyPieces,
  npzPieces,
  npzShapes,
  readNpz,
  readNpzText,
  streamOf,
  writeNpz,
} from "./npz.ts";
export { encodePng, pixelsOnly } from "./png.ts";
export { maxPictureBytes } from "./png-chunks.ts";
export { graphKeyword, keywordsOf, readText, textChunk, withText } from "./png-text.ts";
export { type ZipStream, zipPieces } from "./write-zip.ts";
