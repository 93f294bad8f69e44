/** The editor on its own screen: how long until the first picture, and what a frame costs. */
import { drags } from "./drag.ts";
import { firstPicture } from "./first-picture.ts";
import { surveys } from "./survey.ts";

export async function editor(): Promise<void> {
  await firstPicture();
  await drags();
  await surveys();
}
