/** What to do about a file that no folder has: said to whoever typed a command, or looks at the editor. */
import { type FileKind, folderOf } from "../../nodes/index.ts";

export type HowToBring = (kind: FileKind) => string;

export const byFlag: HowToBring = (kind) => `give its folder with ${folderOf(kind).flag}`;

export const byPage: HowToBring = () => "drop it on the editor's page";
