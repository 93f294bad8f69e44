/**
 * Improved precision and recall (Kynkäänniemi et al., arXiv:1904.06991, equations 1 and 2): which of the samples lie
 * within the manifold of the real pictures, and the other way round; 1 for each that does, else 0, so precision and recall are
 * their means. A manifold is the union of balls around its points, each as far as the point's `neighbours`-th nearest among them
 * (3, as in the paper). Rows of `size` numbers. Throws a RangeError of as few rows as neighbours.
 */
export function withinManifolds(
  real: Float32Array,
  samples: Float32Array,
  size: number,
  neighbours = 3,
): { readonly precision: Uint8Array; readonly recall: Uint8Array } {
  const [ofReal, ofSamples] = [radii(real, size, neighbours), radii(samples, size, neighbours)];
  return {
    precision: within(samples, real, ofReal, size),
    recall: within(real, samples, ofSamples, size),
  };
}

/** Squared distance of each row to its n-th nearest other. */
function radii(rows: Float32Array, size: number, neighbours: number): Float64Array {
  const count = rows.length / size;
  if (count <= neighbours)
    throw new RangeError(`Precision and recall take more than ${neighbours} pictures, not ${count}`);
  return Float64Array.from({ length: count }, (_, row) => {
    // The nearest of all is the row itself.
    const nearest = new Array<number>(neighbours + 1).fill(Number.POSITIVE_INFINITY);
    for (let other = 0; other < count; other++) {
      let distance = squared(rows, row, rows, other, size);
      for (let k = 0; k <= neighbours && distance < Number.POSITIVE_INFINITY; k++)
        if (distance < nearest[k]) [nearest[k], distance] = [distance, nearest[k]];
    }
    return nearest[neighbours];
  });
}

const within = (rows: Float32Array, of: Float32Array, radii: Float64Array, size: number): Uint8Array =>
  Uint8Array.from({ length: rows.length / size }, (_, row) =>
    radii.some((radius, other) => squared(rows, row, of, other, size) <= radius) ? 1 : 0,
  );

function squared(a: Float32Array, row: number, b: Float32Array, other: number, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) {
    const difference = a[row * size + i] - b[other * size + i];
    sum += difference * difference;
  }
  return sum;
}
