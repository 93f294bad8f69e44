/** Of each row of `classes` logits (or probabilities) 1 where the largest is that of its label, else 0. */
export function hits(logits: ArrayLike<number>, classes: number, labels: readonly number[]): Float32Array {
  return Float32Array.from(labels, (label, row) => {
    let best = 0;
    for (let c = 1; c < classes; c++) if (logits[row * classes + c] > logits[row * classes + best]) best = c;
    return Number(best === label);
  });
}
