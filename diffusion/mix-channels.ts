/** Channels as sums of channels: the same at each pixel. */
import { planes, type Tensor } from "./tensor.ts";

/** Rows of weights, out×in. */
export type ChannelMatrix = readonly (readonly number[])[];

/** Red, green and blue as people name them. Luma: ITU-R BT.601, as PIL's convert("L"); YCbCr: JPEG's (ITU-T T.871), without its offset. */
export const channelMatrices = {
  grey: [[0.299, 0.587, 0.114]],
  mean: [[1 / 3, 1 / 3, 1 / 3]],
  "swap red and blue": [
    [0, 0, 1],
    [0, 1, 0],
    [1, 0, 0],
  ],
  "RGB to YCbCr": [
    [0.299, 0.587, 0.114],
    [-0.168736, -0.331264, 0.5],
    [0.5, -0.418688, -0.081312],
  ],
  "YCbCr to RGB": [
    [1, 0, 1.402],
    [1, -0.344136, -0.714136],
    [1, 1.772, 0],
  ],
} as const satisfies Readonly<Record<string, ChannelMatrix>>;

/** A limit of texts: no network of pictures has more. */
const MOST_CHANNELS = 64;

/** "0.3 0.6 0.1; 1 0 0": a row for each channel that comes out. Throws a RangeError that says what is wrong with the text. */
export function readChannelMatrix(text: string): ChannelMatrix {
  if (text.length > 16_384) throw new RangeError("Cannot read the matrix: it is longer than 16384 characters");
  const rows = text.split(";").map((row) =>
    row
      .trim()
      .split(/[\s,]+/)
      .filter(Boolean),
  );
  const wrong = rows.flat().find((entry) => !/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(entry));
  if (wrong !== undefined) throw new RangeError(`Cannot read the matrix: "${wrong.slice(0, 20)}" is no number`);
  const odd = rows.findIndex((row) => row.length !== rows[0].length || row.length === 0);
  if (odd >= 0)
    throw new RangeError(
      `Cannot read the matrix: row ${odd + 1} has ${rows[odd].length} numbers and the first ${rows[0].length}; write one row a channel that comes out, with semicolons between`,
    );
  if (rows.length > MOST_CHANNELS)
    throw new RangeError(`Cannot read the matrix: it has more than ${MOST_CHANNELS} rows`);
  return rows.map((row) => row.map(Number));
}

/** y = M·x at each pixel, in double precision. Throws a RangeError where x has not as many channels as a row. */
export function mixChannels(x: Tensor, matrix: ChannelMatrix): Tensor {
  const [n, c, h, w] = planes(x.dims);
  wantColumns(matrix, c);
  const area = h * w;
  const data = new Float32Array(n * matrix.length * area);
  for (let i = 0; i < n; i++)
    for (const [out, row] of matrix.entries())
      for (let p = 0; p < area; p++) {
        let sum = 0;
        for (let k = 0; k < c; k++) sum += row[k] * x.data[(i * c + k) * area + p];
        data[(i * matrix.length + out) * area + p] = sum;
      }
  return { dims: [n, matrix.length, h, w], data };
}

/** Throws a RangeError for another number of channels than the matrix takes. */
export function wantColumns(matrix: ChannelMatrix, channels: number): void {
  if (matrix[0].length !== channels)
    throw new RangeError(`Cannot mix ${channels} channels by a matrix for ${matrix[0].length}`);
}
