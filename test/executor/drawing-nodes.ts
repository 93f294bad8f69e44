/** What draws noise in graphs of tests, and what is said of two that draw the same. */
import type { LevelBuilder, Wire } from "../../graphs/document/index.ts";

export const drawn = (level: LevelBuilder, noise: Wire, step: Wire): Wire =>
  level.add("guidegraph/draw-noise", { noise, step }).out("eps");

export const added = (level: LevelBuilder, a: Wire, b: Wire): Wire =>
  level.add("guidegraph/add", { a, b }).out("tensor");

export const same = (title: string): string =>
  `It draws the very noise that “${title}” draws: if that is not meant, give one of them a Gaussian Noise of another stream`;
