/** Linear maps of pictures that work on rows and columns alike: y = R·x·Cᵀ for each plane, R H′×H and C W′×W. */
import { exp } from "./elementary.ts";
import { planes, type Tensor } from "./tensor.ts";

/** A matrix, out×in. */
export type Matrix = Tensor;

/** Applied in double precision, rounded once. Throws a RangeError where the sides differ, and for what is no N×C×H×W. */
export function separable(x: Tensor, rows: Matrix, columns: Matrix): Tensor {
  const [n, c, h, w] = planes(x.dims);
  const [[toH, fromH], [toW, fromW]] = [rows.dims, columns.dims];
  if (fromH !== h || fromW !== w)
    throw new RangeError(`Cannot map pictures of ${h}×${w} by matrices for ${fromH}×${fromW}`);
  const data = new Float32Array(n * c * toH * toW);
  const across = new Float64Array(h * toW);
  for (let p = 0; p < n * c; p++) {
    for (let i = 0; i < h; i++)
      for (let j = 0; j < toW; j++) {
        let sum = 0;
        for (let k = 0; k < w; k++) sum += columns.data[j * w + k] * x.data[(p * h + i) * w + k];
        across[i * toW + j] = sum;
      }
    for (let i = 0; i < toH; i++)
      for (let j = 0; j < toW; j++) {
        let sum = 0;
        for (let k = 0; k < h; k++) sum += rows.data[i * h + k] * across[k * toW + j];
        data[(p * toH + i) * toW + j] = sum;
      }
  }
  return { dims: [n, c, toH, toW], data };
}

export type Interpolation = "nearest" | "linear" | "cubic";

/** By the distance to a pixel, in pixels. Keys 1981, with a = −0.75 as in PyTorch and OpenCV, and −0.5 where it antialiases. */
const kernels: { readonly [K in Exclude<Interpolation, "nearest">]: (d: number, a: number) => number } = {
  linear: (d) => Math.max(0, 1 - d),
  cubic: (d, a) =>
    d < 1 ? (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1 : d < 2 ? a * d ** 3 - 5 * a * d ** 2 + 8 * a * d - 4 * a : 0,
};
const reach = { linear: 1, cubic: 2 } as const;

/**
 * From `from` pixels to `to`, centres at half pixels, as torch.nn.functional.interpolate with align_corners off. `antialias`
 * widens the kernel where it shrinks. Beyond the border the outermost pixel goes on; an antialiasing kernel is cut there.
 */
export function resizing(from: number, to: number, method: Interpolation, antialias = false): Matrix {
  const scale = from / to;
  return matrix(to, from, (i, add) => {
    if (method === "nearest") return add(Math.min(from - 1, Math.floor(i * scale)), 1);
    const widened = antialias ? Math.max(1, scale) : 1;
    const centre = (i + 0.5) * scale - 0.5;
    const width = reach[method] * widened;
    for (let k = Math.ceil(centre - width); k <= Math.floor(centre + width); k++) {
      if (antialias && (k < 0 || k >= from)) continue;
      add(k, kernels[method](Math.abs(k - centre) / widened, antialias ? -0.5 : -0.75));
    }
  });
}

/** A Gaussian of this deviation in pixels, cut at four of them; 0 leaves all as it is. Beyond the border the outermost pixel goes on. */
export function blurring(size: number, sigma: number): Matrix {
  const width = Math.ceil(4 * sigma);
  return matrix(size, size, (i, add) => {
    for (let k = i - width; k <= i + width; k++) add(k, sigma === 0 ? 1 : exp(-((k - i) ** 2) / (2 * sigma ** 2)));
  });
}

/** Means of `factor` pixels each. Throws a RangeError where they do not fill the side. */
export function pooling(size: number, factor: number): Matrix {
  if (size % factor !== 0) throw new RangeError(`Cannot pool ${size} pixels by ${factor}: ${factor} must divide it`);
  return matrix(size / factor, size, (i, add) => {
    for (let k = 0; k < factor; k++) add(i * factor + k, 1);
  });
}

/** `to` pixels of `from`, beginning at `first`; those outside are 0. */
export function cropping(from: number, first: number, to: number): Matrix {
  const data = new Float32Array(to * from);
  for (let i = 0; i < to; i++) if (i + first >= 0 && i + first < from) data[i * from + i + first] = 1;
  return { dims: [to, from], data };
}

export type Border = "zeros" | "edge" | "mirror";

/** `before` and `after` pixels around the side. Throws a RangeError where a mirror image would be longer than the picture. */
export function padding(from: number, before: number, after: number, border: Border): Matrix {
  if (border === "mirror" && Math.max(before, after) >= from)
    throw new RangeError(`Cannot mirror ${Math.max(before, after)} pixels of ${from}: at most ${from - 1}`);
  if (border === "zeros") return cropping(from, -before, from + before + after);
  return matrix(from + before + after, from, (i, add) => {
    const k = i - before;
    const mirrored = k < 0 ? -k : k >= from ? 2 * from - 2 - k : k;
    add(border === "mirror" ? mirrored : k, 1);
  });
}

/**
 * Down by `factor` and up again: φ_N of ILVR, Choi et al. 2021 (arXiv:2108.02938), section 3.1. What is smaller than a pixel
 * of the small picture is gone.
 */
export function lowPass(size: number, factor: number, method: Interpolation): Matrix {
  const small = Math.max(1, Math.round(size / factor));
  const [down, up] = [resizing(size, small, method, true), resizing(small, size, method)];
  const data = new Float32Array(size * size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) {
      let sum = 0;
      for (let k = 0; k < small; k++) sum += up.data[i * small + k] * down.data[k * size + j];
      data[i * size + j] = sum;
    }
  return { dims: [size, size], data };
}

/** Rows of weights that sum to 1; an index outside counts as the nearest inside. */
function matrix(to: number, from: number, row: (i: number, add: (k: number, weight: number) => void) => void): Matrix {
  const data = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const weights = new Float64Array(from);
    row(i, (k, weight) => {
      weights[Math.max(0, Math.min(from - 1, k))] += weight;
    });
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (let k = 0; k < from; k++) data[i * from + k] = weights[k] / total;
  }
  return { dims: [to, from], data };
}
