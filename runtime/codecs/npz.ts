/** Named arrays in one file, as `numpy.savez` writes and `numpy.load` reads them: a ZIP archive of .npy entries. */
import { type NpyArray, type NpyType, npyHeader, readNpy } from "./npy.ts";
import { readZip, writeZip } from "./zip.ts";

/** Half of what a typed array may hold; more is a mistake or an attack. */
const maxArrayBytes = 2 ** 31;

export interface NpzEntry {
  readonly type: NpyType;
  readonly dims: readonly number[];
  /** The values' bytes, little-endian and row-major, in pieces that are never joined. */
  readonly chunks: readonly Uint8Array[];
}

/** One of the arrays, by name. Throws a SyntaxError whose message says what is wrong with the file. */
export function readNpz(bytes: Uint8Array): ReadonlyMap<string, () => NpyArray> {
  return new Map(
    readZip(bytes).flatMap(({ name, read }) =>
      name.endsWith(".npy") ? [[name.slice(0, -4), () => readNpy(read(maxArrayBytes))] as const] : [],
    ),
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
