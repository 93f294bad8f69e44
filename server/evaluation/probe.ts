/** What cannot be judged is told by its first picture, before hours are spent on all of them. */
import { spatialRows } from "../../diffusion/evaluation/index.ts";
import { encode } from "../../diffusion/index.ts";
import { applied, type Judges, rowsOf } from "./features.ts";
import { type SamplesFile, UnusableFile } from "./samples-file.ts";

/** A picture's nearest neighbours, of which precision and recall are told, and itself. */
const fewest = 4;

/** Numbers of a picture. */
export interface Sizes {
  readonly features: number;
  /** Of its feature map, where that is judged. */
  readonly spatial?: number;
}

/** What the networks give of the file's first picture. Throws an UnusableFile. */
export async function probed(path: string, file: SamplesFile, judges: Judges): Promise<Sizes> {
  const { count, shape } = file;
  if (count < fewest) throw new UnusableFile(`${path} has ${picturesText(count)}, and ${fewest} are judged at least`);
  try {
    for await (const picture of file.batches(1)) {
      const x = encode(picture);
      const { spatial } = judges;
      const map = spatial && spatialRows(await applied(spatial, x), spatial.channelAxis);
      if (judges.classifier) await rowsOf(judges.classifier, x);
      return { features: (await rowsOf(judges.features, x)).length, ...(map && { spatial: map.size }) };
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UnusableFile(`${path} has pictures of ${sizeText(shape)} with ${shape[2]} channels (H×W×C): ${why}`, {
      cause: error,
    });
  }
  return { features: 0 };
}

/** What a person should know who compares the numbers of a file. */
export function remarksOn(
  path: string,
  { count, shape }: SamplesFile,
  {
    size,
    reference,
    real,
  }: { readonly size: number; readonly reference: string; readonly real?: SamplesFile | undefined },
): string[] {
  const [own, theirs] = [sizeText(shape), sizeText(real?.shape ?? shape)];
  return [
    ...(own === theirs
      ? []
      : [`${path} has pictures of ${own}, ${reference} of ${theirs}: they are compared as the network takes them`]),
    ...(count > size
      ? []
      : [`${path} has ${picturesText(count)} for ${size} features: a Fréchet distance of so few is much too large`]),
  ];
}

const sizeText = ([height, width]: readonly number[]): string => `${height}×${width}`;
const picturesText = (count: number): string => `${count} ${count === 1 ? "picture" : "pictures"}`;
