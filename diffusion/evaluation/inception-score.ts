/** Rows of a part: the reference evaluator's. */
const defaultPart = 5_000;

/**
 * exp(mean over rows of KL(p(y|x) ‖ p(y))), the mean over parts of the rows (Salimans et al., arXiv:1606.03498, section 4; parts as in
 * guided-diffusion's evaluator). From 1 to the number of classes. It is the Inception Score where Inception classifies.
 * `probabilities`: rows of `classes` numbers that are each ≥ 0 and sum to 1.
 */
export function inceptionScore(probabilities: ArrayLike<number>, classes: number, part = defaultPart): number {
  const rows = probabilities.length / classes;
  const scores: number[] = [];
  for (let from = 0; from < rows; from += part) {
    const to = Math.min(rows, from + part);
    const mean = new Float64Array(classes);
    for (let row = from; row < to; row++)
      for (let c = 0; c < classes; c++) mean[c] += probabilities[row * classes + c] / (to - from);
    let sum = 0;
    for (let row = from; row < to; row++)
      for (let c = 0; c < classes; c++) {
        const p = probabilities[row * classes + c];
        if (p > 0) sum += p * (Math.log(p) - Math.log(mean[c]));
      }
    scores.push(Math.exp(sum / (to - from)));
  }
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

/** exp(lᵢ) / Σ exp(l), row by row. */
export function softmaxRows(logits: ArrayLike<number>, classes: number): Float64Array {
  const out = new Float64Array(logits.length);
  for (let at = 0; at < logits.length; at += classes) {
    let [most, sum] = [Number.NEGATIVE_INFINITY, 0];
    for (let c = 0; c < classes; c++) most = Math.max(most, logits[at + c]);
    for (let c = 0; c < classes; c++) sum += out[at + c] = Math.exp(logits[at + c] - most);
    for (let c = 0; c < classes; c++) out[at + c] /= sum;
  }
  return out;
}
