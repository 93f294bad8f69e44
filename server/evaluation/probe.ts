/** What cannot be judged is told by its first picture, before hours are spent on all of them. */
import { spatialRows } from "../../diffusion/evaluation/index.ts";
import { encode } from "../../diffusion/index.ts";
import { saysDeviceLost } from "../providers/lost-device.ts";
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

/** Pictures that could be taken before, and by which networks: others they may never have fitted. */
export interface Taken {
  readonly file: SamplesFile;
  readonly judges: Judges;
}

/**
 * What the networks give of the file's first picture. Throws an UnusableFile where they cannot take it. What could be taken
 * before tells whether it is the file or the device: where that fails too, it is thrown as it is.
 */
export async function probed(path: string, file: SamplesFile, judges: Judges, taken?: Taken): Promise<Sizes> {
  const { count, shape } = file;
  if (count < fewest) throw new UnusableFile(`${path} has ${picturesText(count)}, and ${fewest} are judged at least`);
  try {
    return await sizesOf(file, judges);
  } catch (error) {
    if (error instanceof UnusableFile) throw error;
    if (taken) await sizesOf(taken.file, taken.judges);
    const why = error instanceof Error ? error.message : String(error);
    if (saysDeviceLost(why)) throw error;
    throw new UnusableFile(`${path} has pictures of ${sizeText(shape)} with ${shape[2]} channels (H×W×C): ${why}`, {
      cause: error,
    });
  }
}

async function sizesOf(file: SamplesFile, { features, spatial, classifier }: Judges): Promise<Sizes> {
  for await (const picture of file.batches(1)) {
    const x = encode(picture);
    const map = spatial && spatialRows(await applied(spatial, x), spatial.channelAxis);
    if (classifier) await rowsOf(classifier, x);
    return { features: (await rowsOf(features, x)).length, ...(map && { spatial: map.size }) };
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
    ...[[path, count] as const, [reference, real?.count ?? Number.POSITIVE_INFINITY] as const]
      .filter(([, of]) => of <= size)
      .map(
        ([of, few]) =>
          `${of} has ${picturesText(few)} for ${size} features: a Fréchet distance of so few is much too large`,
      ),
  ];
}

const sizeText = ([height, width]: readonly number[]): string => `${height}×${width}`;
const picturesText = (count: number): string => `${count} ${count === 1 ? "picture" : "pictures"}`;
