/** What a sample is worth, in one number each: N×1×1×1, summed in double precision. */
import { exp, log } from "./elementary.ts";
import { type Numbers, numbersOf, perSample } from "./numbers.ts";
import { planes, sizeOf, type Tensor } from "./tensor.ts";

function wantSame({ dims }: Tensor, other: Tensor): void {
  const [n, ...sample] = dims;
  if (other.dims.slice(1).join() !== sample.join() || (other.dims[0] !== n && other.dims[0] !== 1))
    throw new RangeError(
      `Cannot compare a tensor of shape ${dims.join("×")} with one of shape ${other.dims.join("×")}`,
    );
}

export type Measure = "sum" | "mean" | "norm";

/**
 * Σ w·(a − b)² of each sample; its mean by the weights; or its root, the length of the difference. Weights of one sample
 * serve all. Throws a RangeError when shapes differ.
 */
export function squaredError(a: Tensor, b: Tensor, measure: Measure, weights?: Tensor): Tensor {
  return measured(a, b, weights, measure, (d) => d * d);
}

/** Σ w·|a − b| of each sample, or its mean by the weights. Throws a RangeError when shapes differ. */
export function absoluteError(a: Tensor, b: Tensor, measure: Exclude<Measure, "norm">, weights?: Tensor): Tensor {
  return measured(a, b, weights, measure, Math.abs);
}

function measured(a: Tensor, b: Tensor, w: Tensor | undefined, measure: Measure, of: (d: number) => number): Tensor {
  const [n, ...sample] = a.dims;
  const size = sizeOf(sample);
  for (const other of [b, ...(w ? [w] : [])]) wantSame(a, other);
  const numbers = Array.from({ length: n }, (_, i) => {
    let [sum, total] = [0, 0];
    for (let k = 0; k < size; k++) {
      const weight = w ? w.data[(i * size + k) % w.data.length] : 1;
      sum += weight * of(a.data[i * size + k] - b.data[(i * size + k) % b.data.length]);
      total += weight;
    }
    if (measure === "mean") return total === 0 ? 0 : sum / total;
    return measure === "norm" ? Math.sqrt(sum) : sum;
  });
  return perSample(numbers);
}

/** a·b / (‖a‖·‖b‖) of each sample, 0 where one of them is 0. A b of one sample serves all. Throws a RangeError when shapes differ. */
export function cosineSimilarity(a: Tensor, b: Tensor): Tensor {
  const [n, ...sample] = a.dims;
  wantSame(a, b);
  const size = sizeOf(sample);
  const numbers = Array.from({ length: n }, (_, i) => {
    let [dot, squareA, squareB] = [0, 0, 0];
    for (let k = 0; k < size; k++) {
      const [u, v] = [a.data[i * size + k], b.data[(i * size + k) % b.data.length]];
      dot += u * v;
      squareA += u * u;
      squareB += v * v;
    }
    const length = Math.sqrt(squareA) * Math.sqrt(squareB);
    return length === 0 ? 0 : dot / length;
  });
  return perSample(numbers);
}

/** a·b of each sample. Throws a RangeError when shapes differ. */
export function dots(a: Tensor, b: Tensor): Tensor {
  wantSame(a, b);
  const size = sizeOf(a.dims.slice(1));
  return perSample(
    Array.from({ length: a.dims[0] }, (_, i) => {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += a.data[i * size + k] * b.data[(i * size + k) % b.data.length];
      return sum;
    }),
  );
}

/** One channel of each sample, N×1×H×W. Throws a RangeError for one that there is not. */
export function pick({ dims: [n, c, ...plane], data }: Tensor, index: Numbers): Tensor {
  const area = sizeOf(plane);
  const at = numbersOf(index, n);
  const out = new Float32Array(n * area);
  for (let i = 0; i < n; i++) {
    const k = at(i);
    if (!Number.isInteger(k) || k < 0 || k >= c)
      throw new RangeError(`Cannot take channel ${k} of sample ${i}: there are channels 0 to ${c - 1}`);
    out.set(data.subarray((i * c + k) * area, (i * c + k + 1) * area), i * area);
  }
  return { dims: [n, 1, ...plane], data: out };
}

/**
 * Σ |x(p + e) − x(p)| over the neighbours below and to the right, of each sample; or of the squares. Rudin, Osher & Fatemi
 * 1992. Throws a RangeError for what is no N×C×H×W.
 */
export function totalVariation({ dims, data }: Tensor, measure: "absolute" | "squared"): Tensor {
  const [n, c, h, w] = planes(dims);
  const size = c * h * w;
  const of = measure === "absolute" ? Math.abs : (d: number) => d * d;
  const numbers = Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < size; k++) {
      const at = i * size + k;
      if (k % w < w - 1) sum += of(data[at + 1] - data[at]);
      if (Math.floor(k / w) % h < h - 1) sum += of(data[at + w] - data[at]);
    }
    return sum;
  });
  return perSample(numbers);
}

export type Head = "softmax" | "sigmoid" | "score";

/**
 * log p(y) of each sample from N×K logits:
 *
 *   softmax  z_y − log Σₖ exp zₖ        sigmoid  −log(1 + exp(−z_y))        score  z_y
 */
export function logProbability(logits: Tensor, labels: readonly number[], head: Head = "softmax"): Tensor {
  const [n, ...rest] = logits.dims;
  const classes = sizeOf(rest);
  const numbers = Array.from({ length: n }, (_, i) => {
    const z = logits.data.subarray(i * classes, (i + 1) * classes);
    const own = z[labels[i]];
    if (head === "score") return own;
    if (head === "sigmoid") return Math.min(own, 0) - log(1 + exp(-Math.abs(own)));
    const highest = z.reduce((most, one) => Math.max(most, one));
    return own - highest - log(z.reduce((sum, one) => sum + exp(one - highest), 0));
  });
  return perSample(numbers);
}

export type Reduction = "sum" | "mean" | "max" | "norm" | "deviation";
export type Over = "sample" | "channels" | "space";

/** Σ, the mean, the largest, √Σx² or √mean (x − mean)² over a sample (N×1×1×1), over channels (N×1×H×W) or over space (N×C×1×1). */
export function reduce(x: Tensor, by: Reduction, over: Over): Tensor {
  const [n, c = 1, ...plane] = x.dims;
  const area = sizeOf(plane);
  const dims = {
    sample: [n, 1, 1, 1],
    channels: [n, 1, ...plane],
    space: [n, c, ...plane.map(() => 1)],
  }[over];
  const length = { sample: c * area, channels: c, space: area }[over];
  const stride = over === "channels" ? area : 1;
  const data = new Float32Array(sizeOf(dims));
  for (let i = 0; i < data.length; i++) {
    const start = over === "channels" ? Math.floor(i / area) * c * area + (i % area) : i * length;
    let [sum, squares, most] = [0, 0, Number.NEGATIVE_INFINITY];
    for (let k = 0; k < length; k++) {
      const value = x.data[start + k * stride];
      sum += value;
      squares += value * value;
      most = Math.max(most, value);
    }
    const mean = sum / length;
    const deviation = Math.sqrt(Math.max(0, squares / length - mean ** 2));
    data[i] = { sum, mean, max: most, norm: Math.sqrt(squares), deviation }[by];
  }
  return { dims, data };
}
