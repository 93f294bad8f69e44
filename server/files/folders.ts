/** The files that graphs may name: those below the listed folders, by their path from there, and those the user typed. */
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { type FileKind, fileKinds, folderOf, isNamedAs } from "../../nodes/index.ts";
import type { Files, ImageFolder, ListedFile, ModelSource } from "../../runtime/index.ts";
import { near } from "../../spelling/index.ts";
import { diskSource } from "./disk-source.ts";
import { type Hashes, stateOf } from "./hashes.ts";
import type { HowToBring } from "./how-to-bring.ts";
import { noneUnlessPassing } from "./passing.ts";
import { readBytes } from "./read-bytes.ts";
import { isPlainId, resolveInside } from "./resolve-inside.ts";

/** Of one picture, which can be one of a folder's; an NPZ holds a batch by itself. */
const isPictureName = (name: string) => isNamedAs("image", name) && !isNamedAs("tensor", name);
const isOf = (kind: FileKind) => (name: string) => isNamedAs(kind, name);
/** Deeper folders are not listed, so that a models folder may lie in a large tree. */
const maxDepth = 5;

export interface FoldersOptions {
  /** Folders with models, the preferred first. */
  readonly models: readonly string[];
  /** Folders with pictures. */
  readonly images: readonly string[];
  /** Paths typed by the user, who may name any file: known by their base names, before what the folders hold. */
  readonly typed?: readonly string[];
  readonly hashes: Hashes;
  readonly howToBring: HowToBring;
}

export interface Folders extends Files {
  /** Ids of all models, sorted. */
  list(): Promise<readonly string[]>;
  /** Ids of all pictures, and of folders that hold several, sorted. */
  listImages(): Promise<readonly string[]>;
  /** Ids of all arrays, sorted. */
  listTensors(): Promise<readonly string[]>;
}

/** Ids of all files of a kind in these folders, sorted. */
export const idsIn = async (roots: readonly string[], kind: FileKind): Promise<string[]> =>
  [...new Set((await Promise.all(roots.map((root) => walk(root, isOf(kind))))).flat())].sort();

export function folders({ models, images, typed = [], hashes, howToBring }: FoldersOptions): Folders {
  const rootsOf = (kind: FileKind) => ({ models, images })[fileKinds[kind].folder];
  const list = () => idsIn(models, "model");
  // Of any name: its content decides what it is.
  const listed = async (id: string): Promise<ListedFile | undefined> => {
    const own = typed.find((path) => basename(path) === id);
    if (own !== undefined) return fileAt(own);
    for (const root of images) {
      const path = await resolveInside(root, id);
      if (path !== undefined) return fileAt(path);
    }
    return undefined;
  };
  return {
    list,
    async listImages() {
      const ids = await idsIn(images, "image");
      return [...batchesIn(ids), ...ids].sort();
    },
    listTensors: () => idsIn(images, "tensor"),
    async models(id) {
      const own = typed.filter((path) => basename(path) === id);
      const listed = await Promise.all(models.map((root) => resolveInside(root, id)));
      const paths = new Set([...own, ...listed.filter((path) => path !== undefined)]);
      return Promise.all([...paths].map((path): Promise<ModelSource> => diskSource(path, id, hashes)));
    },
    similar: async (kind, id) => near(id, await idsIn(rootsOf(kind), kind)),
    howToBring,
    async instead(kind, id) {
      if (/^[/~]|\\|^[a-zA-Z]:|(^|\/)\.\.?(\/|$)/.test(id))
        return `is a path: a graph names a file by where it is below a ${folderOf(kind).name}; ${howToBring(kind)}`;
      if (id.split("/").some((part) => part.startsWith(".")))
        return "has a part that begins with a dot: those are not looked at";
      const name = id.replace(/\/$/, "");
      const below = await Promise.all(rootsOf(kind).map((root) => resolveInside(root, name, "folder")));
      const found = below.find((path) => path !== undefined);
      if (found === undefined) return undefined;
      const some = (await walk(found, isOf(kind))).sort().slice(0, 3);
      const there = some.length > 0 ? `; in it there is ${some.map((file) => `"${name}/${file}"`).join(", ")}` : "";
      return `is a folder, not a file${there}`;
    },
    image: (id) => (id.endsWith("/") ? picturesIn(id, images, typed) : listed(id)),
    tensor: (id) => listed(id),
  };
}

/** More is no picture and no array that is read (1 GiB), and Node reads no larger file at once. */
const mostBytes = 2 ** 31 - 1;

const fileAt = (path: string): ListedFile => ({
  state: `${path} ${stateOf(path)}`,
  path,
  async read() {
    const { size } = await stat(path);
    if (size > mostBytes) throw new RangeError(`it has ${size} bytes, the limit is ${mostBytes}`);
    return readBytes(path);
  },
});

/** Folders in which there are several pictures, which is a batch. */
function batchesIn(ids: readonly string[]): string[] {
  const folders = ids.filter(isPictureName).map((id) => id.slice(0, id.lastIndexOf("/") + 1));
  return [...new Set(folders.filter((folder, i) => folder !== "" && folders.indexOf(folder) !== i))];
}

/** The pictures right in a folder, by their names; undefined when none has any. Numbers are in their order: 2 before 10. */
async function picturesIn(
  id: string,
  roots: readonly string[],
  typed: readonly string[],
): Promise<ImageFolder | undefined> {
  const own = typed.filter((path) => `${basename(path)}/` === id);
  const listed = await Promise.all(roots.map((root) => resolveInside(root, id.slice(0, -1), "folder")));
  for (const folder of [...own, ...listed]) {
    if (folder === undefined) continue;
    const names = (await walk(folder, isPictureName, "", maxDepth)).sort(byNumber.compare);
    if (names.length > 0) return { pictures: names.map((name) => ({ name, ...fileAt(join(folder, name)) })) };
  }
  return undefined;
}

const byNumber = new Intl.Collator("en", { numeric: true });

/** Ids of the files below a folder that are so named; a folder that cannot be read, now or later, has none. */
async function walk(folder: string, isWanted: (name: string) => boolean, prefix = "", depth = 0): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(noneUnlessPassing([]));
  const ids = entries
    .filter((entry) => !entry.name.startsWith("."))
    .map(async (entry) => {
      if (entry.isDirectory() && depth < maxDepth)
        return walk(join(folder, entry.name), isWanted, `${prefix}${entry.name}/`, depth + 1);
      return entry.isFile() && isWanted(entry.name) ? [prefix + entry.name] : [];
    });
  return (await Promise.all(ids)).flat().filter(isPlainId);
}
