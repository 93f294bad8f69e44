/** The features that samples are compared with: of real pictures, by the statistics that their file brings where it does. */
import { UsageError } from "../flags/errors.ts";
import { type Features, type FeaturesOptions, featuresBy, featuresOf, type Judges, rowsBy } from "./features.ts";
import type { Sizes } from "./probe.ts";
import type { ReferenceFile } from "./reference-file.ts";

export interface RealFeaturesOptions extends FeaturesOptions {
  /** How messages call the file. */
  readonly path: string;
  readonly size: Sizes;
  readonly say: (line: string) => void;
}

/** Throws a UsageError where all that there is was told by another network. */
export async function realFeatures(
  { pictures, features, spatial }: ReferenceFile,
  judges: Judges,
  { path, size, say, ...options }: RealFeaturesOptions,
): Promise<Features> {
  const told = features?.mean.length === size.features ? features : undefined;
  if (features && !told) {
    const other = `mu and sigma of ${path} are of ${features.mean.length} features, and the network gives ${size.features}`;
    if (!pictures) throw new UsageError(`${other}: give the network that they were told by with --features`);
    say(`${other}: distances are to its pictures`);
  }
  if (told && !pictures) {
    if (spatial && size.spatial !== undefined && spatial.mean.length !== size.spatial)
      throw new UsageError(
        `mu_s and sigma_s of ${path} are of ${spatial.mean.length} numbers, and the feature map has ${size.spatial}: give the output that they were told by with --spatial_output, or none`,
      );
    return featuresBy(told, spatial);
  }
  if (!pictures) throw new RangeError("There are neither pictures nor statistics");
  const seen = await featuresOf(pictures, judges, options);
  if (!told) return seen;
  say(`Distances are to mu and sigma of ${path}; precision and recall are of its ${pictures.count} pictures`);
  const isSame = spatial && seen.spatial?.size === spatial.mean.length;
  return {
    ...seen,
    features: { ...seen.features, moments: told },
    spatial: isSame ? rowsBy(spatial) : seen.spatial,
  };
}
