/**
 * Improved precision and recall (Kynkäänniemi et al., arXiv:1904.06991, equations 1 and 2): what share of the samples lies
 * within the manifold of the real pictures, and the other way round. A manifold is the union of balls around its
 * points, each as far as the point's `neighbours`-th nearest among them (3, as in the paper). Rows of `size` numbers.
 */
export function precisionRecall(
  real: Float32Array,
  samples: Float32Array,
  size: number,
  neighbours = 3,
): { readonly precision: number; readonly recall: number } {
  const [ofReal, ofSamples] = [radii(real, size, neighbours), radii(samples, size, neighbours)];
  return {
    precision: shareWithin(samples, real, ofReal, size),
    recall: shareWithin(real, samples, ofSamples, size),
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

function shareWithin(rows: Float32Array, of: Float32Array, radii: Float64Array, size: number): number {
  const count = rows.length / size;
  let within = 0;
  for (let row = 0; row < count; row++)
    if (radii.some((radius, other) => squared(rows, row, of, other, size) <= radius)) within++;
  return within / count;
}

function squared(a: Float32Array, row: number, b: Float32Array, other: number, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) {
    const difference = a[row * size + i] - b[other * size + i];
    sum += difference * difference;
  }
  return sum;
}
