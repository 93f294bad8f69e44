/** Named arrays in one file, as `numpy.savez` writes and `numpy.load` reads them: a ZIP archive of .npy entries. */
import type { RandomAccess } from "../../onnx/source.ts";
import { readEntry, readZip } from "../../onnx/zip/index.ts";
import { inflate } from "./inflate.ts";
import { type NpyArray, type NpyType, npyHeader, readNpy } from "./npy.ts";
import { writeZip } from "./write-zip.ts";

/** Half of what a typed array may hold; more is a mistake or an attack. */
const maxArrayBytes = 2 ** 31;
/** A compressed array: 85 pictures of 1024², in a file that may have a thousandth of it. Larger ones come stored, as `savez` does. */
const maxInflatedBytes = 2 ** 28;

export interface NpzEntry {
  readonly type: NpyType;
  readonly dims: readonly number[];
  /** The values' bytes, little-endian and row-major, in pieces that are never joined. */
  readonly chunks: readonly Uint8Array[];
}

/** What reads each array, by its name. Rejects with a SyntaxError or RangeError that says what is wrong with the file. */
export async function readNpz(source: RandomAccess): Promise<ReadonlyMap<string, () => Promise<NpyArray>>> {
  const entries = [...(await readZip(source)).values()].filter(({ name }) => name.endsWith(".npy"));
  return new Map(
    entries.map((entry) => [
      entry.name.slice(0, -4),
      async () => {
        const maxBytes = entry.packed === entry.size ? maxArrayBytes : maxInflatedBytes;
        return readNpy(await readEntry(source, entry, maxBytes, inflate));
      },
    ]),
  );
}

/** The file's bytes, in pieces to be written one after another. */
export const writeNpz = (arrays: Readonly<Record<string, NpzEntry>>): Uint8Array[] =>
  writeZip(
    Object.entries(arrays).map(([name, { type, dims, chunks }]) => ({
      name: `${name}.npy`,
      chunks: [npyHeader(type, dims), ...chunks],
    })),
  );

/** An array as an entry. */
export const entryOf = ({ type, dims, data }: NpyArray): NpzEntry => ({
  type,
  dims,
  chunks: [new Uint8Array(data.buffer, data.byteOffset, data.byteLength)],
});
