/** Where the bytes of a file come from, and how its words are told. */

/** A file or blob that is read by offset, so that nothing has to hold it whole. */
export interface RandomAccess {
  /** For messages: the file's name. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** Rejects when the range is not inside the file. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** Text from an untrusted file as it may be shown: quoted, without control characters, cut to 200 characters. */
export function escaped(text: string): string {
  const cut = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return JSON.stringify(cut).replace(
    /[\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Bytes at hand as a source. */
export const bytesSource = (name: string, bytes: Uint8Array): RandomAccess => ({
  name,
  size: bytes.byteLength,
  async read(offset, length) {
    if (offset < 0 || length < 0 || offset + length > bytes.byteLength)
      throw new RangeError(`Cannot read bytes ${offset} … ${offset + length} of ${name}: it has ${bytes.byteLength}`);
    return bytes.subarray(offset, offset + length);
  },
});
