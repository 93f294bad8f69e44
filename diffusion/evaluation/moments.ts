/**
 * Mean and covariance of rows that come in batches, in float64. Sums are taken of what the rows differ by from the first
 * one, so that features far from zero lose no digits.
 */
export class Moments {
  readonly size: number;
  #count = 0;
  #origin: Float64Array | undefined;
  readonly #sum: Float64Array;
  /** The upper triangle, row by row, of Σ d·dᵀ. */
  readonly #products: Float64Array;

  /** `size`: numbers in a row. */
  constructor(size: number) {
    this.size = size;
    this.#sum = new Float64Array(size);
    this.#products = new Float64Array((size * (size + 1)) / 2);
  }

  get count(): number {
    return this.#count;
  }

  /** Rows one after another; `times`: how often row n counts (bootstrap), once each by default. */
  add(rows: ArrayLike<number>, times?: (row: number) => number): void {
    const { size } = this;
    const differences = new Float64Array(size);
    for (let row = 0; row * size < rows.length; row++) {
      const weight = times?.(row) ?? 1;
      if (weight === 0) continue;
      this.#origin ??= Float64Array.from({ length: size }, (_, i) => rows[row * size + i]);
      for (let i = 0; i < size; i++) {
        differences[i] = rows[row * size + i] - this.#origin[i];
        this.#sum[i] += weight * differences[i];
      }
      for (let i = 0, at = 0; i < size; i++) {
        const scaled = weight * differences[i];
        for (let j = i; j < size; j++) this.#products[at++] += scaled * differences[j];
      }
      this.#count += weight;
    }
  }

  /** Throws a RangeError of fewer than two rows. */
  result(): MeanAndCovariance {
    if (this.#count < 2) throw new RangeError(`A covariance takes 2 pictures at least, not ${this.#count}`);
    const { size } = this;
    const shift = this.#sum.map((sum) => sum / this.#count);
    const covariance = Array.from({ length: size }, () => new Float64Array(size));
    for (let i = 0, at = 0; i < size; i++)
      for (let j = i; j < size; j++) {
        const value = (this.#products[at++] - this.#count * shift[i] * shift[j]) / (this.#count - 1);
        covariance[i][j] = value;
        covariance[j][i] = value;
      }
    return { mean: shift.map((value, i) => value + (this.#origin?.[i] ?? 0)), covariance };
  }
}

/** Of `numpy.mean` and `numpy.cov(rows, rowvar=False)`: divided by N − 1. */
export interface MeanAndCovariance {
  readonly mean: Float64Array;
  readonly covariance: readonly Float64Array[];
}

/** The mean, and the covariance's upper triangle row by row: N + N(N + 1)/2 numbers. */
export function packed({ mean, covariance }: MeanAndCovariance): Float64Array {
  const out = [...mean, ...covariance.flatMap((row, i) => [...row.subarray(i)])];
  return Float64Array.from(out);
}

/** What `packed` packed, of features of `size` numbers. */
export function unpacked(numbers: Float64Array, size: number): MeanAndCovariance {
  const covariance = Array.from({ length: size }, () => new Float64Array(size));
  for (let i = 0, at = size; i < size; i++)
    for (let j = i; j < size; j++, at++) {
      covariance[i][j] = numbers[at];
      covariance[j][i] = numbers[at];
    }
  return { mean: numbers.subarray(0, size), covariance };
}
