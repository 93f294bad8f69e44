/** The files of a drop; of a folder those in it, but not in folders below. */

export interface DroppedFiles {
  readonly files: readonly File[];
  /** The name of the first folder among what was dropped. */
  readonly folder?: string;
}

/** What a folder is full of without anybody's wish: `.DS_Store`, `Thumbs.db`. */
const isNoise = (name: string): boolean => name.startsWith(".") || name === "Thumbs.db" || name === "desktop.ini";

/** Called while the event is handled: its items are gone after it. */
export async function droppedFiles(transfer: DataTransfer | null): Promise<DroppedFiles> {
  const entries = [...(transfer?.items ?? [])].flatMap((item) => item.webkitGetAsEntry?.() ?? []);
  const folders = entries.filter((entry): entry is FileSystemDirectoryEntry => entry.isDirectory);
  if (folders.length === 0) return { files: [...(transfer?.files ?? [])] };
  const inside = (await Promise.all(folders.map(entriesIn))).flat();
  const wanted = [...entries, ...inside.filter(({ name }) => !isNoise(name))];
  const files = await Promise.all(wanted.filter(isFile).map(fileOf));
  return { files, folder: folders[0].name };
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject));

/** A browser gives them by the hundred, and none at the end. */
async function entriesIn(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
}
