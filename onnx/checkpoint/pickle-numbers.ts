/** Numbers and text as pickles write them. */
import { escaped } from "../source.ts";
import { CheckpointError } from "./error.ts";

/** Numbers in checkpoints have 64 bits at most, torch's magic number has 80. */
const maxNumberBytes = 32;

/** A whole number: a JavaScript number where that is exact. */
const whole = (value: bigint): number | bigint =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;

export function parseWhole(line: string): number | bigint {
  if (line.length > maxNumberBytes || !/^\s*[+-]?\d+L?\s*$/.test(line))
    throw new CheckpointError(`its pickle has the number ${escaped(line)}`);
  return whole(BigInt(line.trim().replace(/L$/, "").replace(/^\+/, "")));
}

export function parseFloat64(line: string): number {
  const value = Number(line);
  if (line.trim() === "" || (Number.isNaN(value) && !/^[+-]?nan$/i.test(line)))
    throw new CheckpointError(`its pickle has the number ${escaped(line)}`);
  return value;
}

/** Two's complement, little-endian. */
export function readLong(bytes: Uint8Array): number | bigint {
  if (bytes.length > maxNumberBytes) throw new CheckpointError(`its pickle has a number of ${bytes.length} bytes`);
  let value = 0n;
  for (const [i, byte] of bytes.entries()) value |= BigInt(byte) << BigInt(8 * i);
  return whole(BigInt.asIntN(8 * bytes.length, value));
}

/** A Python string literal, as protocol 0 writes byte strings. */
export function parseLiteral(line: string): string {
  const quote = line[0];
  if (line.length < 2 || (quote !== "'" && quote !== '"') || line.at(-1) !== quote)
    throw new CheckpointError(`its pickle has the text ${escaped(line)}, which is not quoted`);
  return line.slice(1, -1).replace(/\\(x[0-9a-fA-F]{2}|.)/g, (_, code: string) => {
    if (code.length === 3) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return { n: "\n", r: "\r", t: "\t" }[code] ?? code;
  });
}

/** Protocol 0 escapes backslash and line end as \uXXXX. */
export const parseUnicode = (line: string): string =>
  line.replace(/\\u([0-9a-fA-F]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
