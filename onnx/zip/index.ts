export { crc32 } from "./crc32.ts";
export { readZip } from "./directory.ts";
export { entryPieces, type Inflate, readEntry, type ZipEntry } from "./entry.ts";
