/**
 * Tensors as the mathematics sees them: float32 values in row-major order, never changed once made. Coefficients are
 * doubles; they meet the floats in `combine`, `map` and `zip`, where each result is rounded once.
 */
export interface Tensor {
  /** N×C×H×W for pictures. */
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** A batch of pictures as people see them: N×H×W×C, 0 … 255. */
export interface Pictures {
  readonly dims: readonly number[];
  readonly data: Uint8Array;
}

export const sizeOf = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1);

/**
 * N, C, H and W of a batch of pictures. Throws a RangeError for any other rank: of the N×K that a network may give, rows and
 * columns would be samples and classes.
 */
export function planes<Dim>(dims: readonly Dim[]): readonly [n: Dim, c: Dim, h: Dim, w: Dim] {
  if (dims.length !== 4)
    throw new RangeError(`Cannot take a tensor of shape ${dims.join("×")} for pictures: those are N×C×H×W`);
  const [n, c, h, w] = dims;
  return [n, c, h, w];
}

export const zeros = (dims: readonly number[]): Tensor => ({ dims, data: new Float32Array(sizeOf(dims)) });

/**
 * a·x + b·y, in double precision, rounded once. Most of a step is this: a loop of its own runs ten times as fast as a
 * function a value. Throws a RangeError when the shapes differ.
 */
export function combine(a: number, x: Tensor, b: number, y: Tensor): Tensor {
  sameDims(x, y);
  const { length } = x.data;
  const [xs, ys] = [x.data, y.data];
  const data = new Float32Array(length);
  for (let i = 0; i < length; i++) data[i] = a * xs[i] + b * ys[i];
  return { dims: x.dims, data };
}

/** f applied to every value, in double precision, rounded once. */
export function map(x: Tensor, f: (x: number) => number): Tensor {
  const data = new Float32Array(x.data.length);
  for (let i = 0; i < data.length; i++) data[i] = f(x.data[i]);
  return { dims: x.dims, data };
}

/** f applied to every pair of values, in double precision, rounded once. Throws a RangeError when the shapes differ. */
export function zip(a: Tensor, b: Tensor, f: (a: number, b: number) => number): Tensor {
  sameDims(a, b);
  const data = new Float32Array(a.data.length);
  for (let i = 0; i < data.length; i++) data[i] = f(a.data[i], b.data[i]);
  return { dims: a.dims, data };
}

/** Throws a RangeError when the shapes differ. */
export function sameDims(a: Tensor, b: Tensor): void {
  if (a.dims.length !== b.dims.length || a.dims.some((dim, axis) => dim !== b.dims[axis]))
    throw new RangeError(`Cannot combine tensors of shapes ${a.dims.join("×")} and ${b.dims.join("×")}`);
}
