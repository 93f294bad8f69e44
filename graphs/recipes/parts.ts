/** What the example graphs have in common: how they begin, what guides them, how they end. */
import { nodes } from "../../nodes/index.ts";
import { type Added, type DocumentBuilder, documentBuilder, type GraphDocument, type Wire } from "../document/index.ts";
import { type SamplerName, samplerGraph, samplerVersion } from "./samplers.ts";

type Given = NonNullable<Parameters<DocumentBuilder["add"]>[1]>;

const unet = "shapes32_diffusion.pt";
export const shapes = "shapes32_shape_classifier.pt";
export const colours = "shapes32_colour_classifier.pt";
/** circle, square, triangle, star, heart, cross, crescent, ring, arrow, hourglass: each once, then six again. */
export const everyShape = "0,1,2,3,4,5,6,7,8,9,3,4,6,7,8,9";
export const seed = 2105;
/** Four real pictures of the reference batch. */
export const realPictures = { file: "shapes32_reference.npz", first: 12, count: 4 };

export interface Start {
  readonly b: DocumentBuilder;
  readonly model: Wire;
  readonly schedule: Wire;
}

/** What every example begins with: a network and the part of its process that is sampled. */
export function start(title: string, description: string, respacing: string): Start {
  const b = documentBuilder(nodes, { title, description });
  const model = b.add("guidegraph/load-unet", { file: unet }).out("model");
  const schedule = b.add("guidegraph/diffusion-schedule", { model, timestep_respacing: respacing }).out("schedule");
  return { b, model, schedule };
}

export const wanted = (b: DocumentBuilder, classes: string, title: string, given: Given = {}): Wire =>
  b.add("guidegraph/class-labels", { classes, ...given }, title).out("labels");

export const noiseFor = ({ b, model, schedule }: Start, given: Given): Added =>
  b.add("guidegraph/gaussian-noise", { model, schedule, seed, ...given }, "Noise");

export const insert = (b: DocumentBuilder, name: SamplerName, given: Given): Wire =>
  b.insert(samplerGraph(name), { name, version: samplerVersion }, given).out("x");

/** The wanted classes, which may be written by the classifier's own names, and what guides towards them. */
export function guidance(
  { b }: Start,
  {
    file,
    classes,
    scale,
    title = "Wanted shape",
    loader,
  }: Readonly<{ file: string; classes: string; scale: number; title?: string; loader?: string }>,
): { readonly labels: Wire; readonly cond_fn: Wire } {
  const classifier = b.add("guidegraph/load-classifier", { file }, loader).out("classifier");
  const labels = wanted(b, classes, title, { classifier });
  return { labels, cond_fn: b.add("guidegraph/build-cond-fn", { classifier, labels, scale }).out("cond_fn") };
}

/** Pictures on a node, one contact sheet as PNG with the graph inside, and all of them as NPZ. */
export function finish(b: DocumentBuilder, x: Wire, name: string, labels?: Wire): GraphDocument {
  const images = b.add("guidegraph/decode-image", { x }).out("image");
  const sheet = b.add("guidegraph/grid", { images }).out("image");
  b.add("guidegraph/preview", { images: sheet });
  b.add("guidegraph/save-png", { images: sheet, name });
  b.add("guidegraph/save-npz", { images, ...(labels && { labels }) });
  return b.document();
}
