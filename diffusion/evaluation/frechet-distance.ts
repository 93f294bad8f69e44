import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import type { MeanAndCovariance } from "./moments.ts";

/**
 * |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2 (Σ₁Σ₂)^½), at least 0: the Fréchet distance of two normal distributions (Dowson and Landau
 * 1982), which is FID where the rows are Inception's features (Heusel et al., arXiv:1706.08500, equation 6). The root's trace is
 * taken from the eigenvalues of Σ₁^½ Σ₂ Σ₁^½, which is symmetric and has the same ones.
 */
export function frechetDistance(a: MeanAndCovariance, b: MeanAndCovariance): number {
  if (a.mean.length !== b.mean.length)
    throw new RangeError(`Cannot compare features of ${a.mean.length} and of ${b.mean.length} numbers`);
  const [first, second] = [matrixOf(a), matrixOf(b)];
  const half = root(first);
  const between = half.mmul(second).mmul(half);
  const { realEigenvalues } = new EigenvalueDecomposition(symmetric(between), { assumeSymmetric: true });
  const trace = realEigenvalues.reduce((sum, value) => sum + Math.sqrt(Math.max(value, 0)), 0);
  const means = a.mean.reduce((sum, value, i) => sum + (value - b.mean[i]) ** 2, 0);
  return Math.max(0, means + first.trace() + second.trace() - 2 * trace);
}

const matrixOf = ({ covariance }: MeanAndCovariance): Matrix => new Matrix(covariance.map((row) => [...row]));

/** Of a symmetric matrix without negative eigenvalues but for rounding. */
function root(matrix: Matrix): Matrix {
  const { eigenvectorMatrix: vectors, realEigenvalues } = new EigenvalueDecomposition(matrix, {
    assumeSymmetric: true,
  });
  const roots = Matrix.diag(realEigenvalues.map((value) => Math.sqrt(Math.max(value, 0))));
  return symmetric(vectors.mmul(roots).mmul(vectors.transpose()));
}

/** Rounding makes a product a little unsymmetric. */
const symmetric = (matrix: Matrix): Matrix => Matrix.add(matrix, matrix.transpose()).mul(0.5);
