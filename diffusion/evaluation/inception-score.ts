/** Rows of a part: the reference evaluator's. */
const defaultPart = 5_000;

/**
 * exp(mean over rows of KL(p(y|x) ‖ p(y))), the mean over parts of the rows (Salimans et al., arXiv:1606.03498, section 4; parts as in
 * guided-diffusion's evaluator). From 1 to the number of classes. It is the Inception Score where Inception classifies.
 * `probabilities`: rows of `classes` numbers that are each ≥ 0 and sum to 1. What it returns tells the score of these rows, or of
 * as many of each as `times` says (bootstrap): what a row adds to every score, Σ p log p, is summed once.
 */
export function inceptionScoreOf(
  probabilities: ArrayLike<number>,
  classes: number,
  part = defaultPart,
): (times?: ArrayLike<number>) => number {
  const rows = probabilities.length / classes;
  const own = Float64Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let c = row * classes; c < (row + 1) * classes; c++) sum += plogp(probabilities[c]);
    return sum;
  });
  return (times) => {
    const scores: number[] = [];
    for (let from = 0; from < rows; from += part) {
      const mean = new Float64Array(classes);
      let [sum, count] = [0, 0];
      for (let row = from; row < Math.min(rows, from + part); row++) {
        const weight = times?.[row] ?? 1;
        if (weight === 0) continue;
        count += weight;
        sum += weight * own[row];
        for (let c = 0; c < classes; c++) mean[c] += weight * probabilities[row * classes + c];
      }
      // KL's other half, Σ p log p(y), sums over the rows to that of their mean.
      if (count > 0) scores.push(Math.exp(sum / count - mean.reduce((all, one) => all + plogp(one / count), 0)));
    }
    return scores.reduce((all, score) => all + score, 0) / scores.length;
  };
}

/** 0 at 0, its limit. */
const plogp = (p: number): number => (p > 0 ? p * Math.log(p) : 0);

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
