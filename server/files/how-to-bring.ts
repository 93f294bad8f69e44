/** What to do about a file that no folder has: said to whoever typed a command, or looks at the editor. */
import { type FileKind, fileKinds, folderOf } from "../../nodes/index.ts";

/** Of a worker that gets no models from the server: it was told a place of results instead. */
export const byWorkersFlag: HowToBring = (kind) =>
  `give its folder to this worker with ${folderOf(kind).flag}, or --server instead of --results: then the server sends it`;

export type HowToBring = (kind: FileKind) => string;

export const byFlag: HowToBring = (kind) => `give its folder with ${folderOf(kind).flag}`;

/** The folder by its name alone: what leaves the machine does not tell where its folders are. */
export const byPage: HowToBring = (kind) =>
  `drop it on the editor's page, or put it into ${fileKinds[kind].folder}/ of the server's data folder`;
