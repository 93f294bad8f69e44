/** What a file is by its first bytes, whatever it is called. */

const begins =
  (...magic: readonly (number | undefined)[]) =>
  (bytes: Uint8Array): boolean =>
    magic.every((byte, i) => byte === undefined || bytes[i] === byte);

const any = undefined;

export const isPng = begins(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
export const isJpeg = begins(0xff, 0xd8, 0xff);
/** RIFF, its length, WEBP. */
export const isWebp = begins(0x52, 0x49, 0x46, 0x46, any, any, any, any, 0x57, 0x45, 0x42, 0x50);
/** \x93NUMPY */
export const isNpy = begins(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59);
/** As an NPZ is one: PK\x03\x04, or PK\x05\x06 where it is empty. */
export const isZip = begins(0x50, 0x4b);
