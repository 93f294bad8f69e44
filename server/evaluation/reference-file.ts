/**
 * What samples are compared with: real pictures, and the mean and covariance of their features where the file brings them, as
 * the reference evaluator's batches do (mu, sigma, and mu_s, sigma_s of its spatial features): those are of more pictures than
 * the file holds, and what it takes its distances to.
 */
import type { MeanAndCovariance } from "../../diffusion/evaluation/index.ts";
import { type NpyArray, readNpz } from "../../runtime/index.ts";
import { fileAccess } from "../files/disk-source.ts";
import { type SamplesFile, saidOf, samplesIn, shapeText } from "./samples-file.ts";

export interface ReferenceFile {
  /** Absent: it has statistics alone. */
  readonly pictures: SamplesFile | undefined;
  readonly features: MeanAndCovariance | undefined;
  readonly spatial: MeanAndCovariance | undefined;
}

/** Throws an Error that names the file, where it has neither. */
export const referenceFile = (path: string): Promise<ReferenceFile> =>
  saidOf(path, async () => {
    const source = await fileAccess(path, path);
    const arrays = await readNpz(source);
    const statistics = async (mean: string, covariance: string) => {
      const [mu, sigma] = await Promise.all([mean, covariance].map((name) => arrays.get(name)?.()));
      return mu && sigma ? statisticsOf(mu, sigma, [mean, covariance]) : undefined;
    };
    const [features, spatial] = [await statistics("mu", "sigma"), await statistics("mu_s", "sigma_s")];
    const pictures = features && !arrays.has("arr_0") ? undefined : await samplesIn(source);
    return { pictures, features, spatial };
  });

/** Throws a SyntaxError for what is no mean of N numbers with a covariance of N×N. */
function statisticsOf(mu: NpyArray, sigma: NpyArray, [mean, covariance]: readonly string[]): MeanAndCovariance {
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
