/** The editor on its own screen: how long until the first picture, what a frame costs, what a long session keeps. */
import { drags } from "./drag.ts";
import { firstPicture } from "./first-picture.ts";
import { hundredRuns } from "./hundred-runs.ts";

export async function editor(): Promise<void> {
  await firstPicture();
  await drags();
  await hundredRuns();
}
