/** What samples are compared with: real pictures, and the mean and covariance of their features where the file brings them. */
import type { MeanAndCovariance } from "../../diffusion/evaluation/index.ts";
import { readNpz, statisticsIn } from "../../runtime/index.ts";
import { fileAccess } from "../files/disk-source.ts";
import { type SamplesFile, saidOf, samplesIn } from "./samples-file.ts";

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
    const features = await statisticsIn(arrays);
    const spatial = await statisticsIn(arrays, "mu_s", "sigma_s");
    const pictures = features && !arrays.has("arr_0") ? undefined : await samplesIn(source, path);
    return { pictures, features, spatial };
  });
