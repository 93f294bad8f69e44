/**
 * Mean and covariance of the features of real pictures, as NPZ of the reference evaluator bring them (mu, sigma, and mu_s, sigma_s
 * of its spatial features): of more pictures than the file holds, and what distances are to where they are of the network at hand.
 */
import type { MeanAndCovariance } from "../diffusion/evaluation/index.ts";
import { type NpyArray, shapeText } from "./codecs/npy.ts";

type Arrays = ReadonlyMap<string, () => Promise<NpyArray>>;

/** Undefined where the file has not both. Rejects with a SyntaxError for what is no mean of N numbers with a covariance of N×N. */
export async function statisticsIn(
  arrays: Arrays,
  mean = "mu",
  covariance = "sigma",
): Promise<MeanAndCovariance | undefined> {
  const [mu, sigma] = await Promise.all([mean, covariance].map((name) => arrays.get(name)?.()));
  if (!mu || !sigma) return undefined;
  const size = mu.dims[0];
  const isFloat = [mu, sigma].every(({ type }) => type === "float64" || type === "float32");
  if (!isFloat || mu.dims.length !== 1 || sigma.dims.join() !== [size, size].join())
    throw new SyntaxError(
      `its ${mean} is ${shapeText(mu)} and its ${covariance} ${shapeText(sigma)}: a mean of N floats has a covariance of N×N`,
    );
  const [means, all] = [mu, sigma].map(({ data }) => Float64Array.from(data as Float64Array));
  for (const [name, data] of [
    [mean, means],
    [covariance, all],
  ] as const)
    if (!data.every(Number.isFinite)) throw new SyntaxError(`its ${name} holds NaN or infinity`);
  return { mean: means, covariance: Array.from({ length: size }, (_, i) => all.subarray(i * size, (i + 1) * size)) };
}
