/** What to do about a file that no folder has: said to whoever typed a command, or looks at the editor. */
import { type FileKind, fileKinds, folderOf } from "../../nodes/index.ts";

export type HowToBring = (kind: FileKind) => string;

export const byFlag: HowToBring = (kind) => `give its folder with ${folderOf(kind).flag}`;

/** The folder by its name alone: what leaves the machine does not tell where its folders are. */
export const byPage: HowToBring = (kind) =>
  `drop it on the editor's page, or put it into ${fileKinds[kind].folder}/ of the server's data folder`;
