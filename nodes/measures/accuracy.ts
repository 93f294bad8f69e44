import { hits, measuredShare, usualDraws } from "../../diffusion/evaluation/index.ts";
import { labelled, labelsFor, sameSize } from "../checks.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";
import { measuredRows } from "../saved.ts";
import { readerFacts, readerParameters, rowsOf } from "./read-pictures.ts";

export default defineNode({
  type: "guidegraph/accuracy",
  version: 1,
  title: "Accuracy",
  category: "measures",
  description: "Tells what share of the pictures of all batches a classifier takes for what they were to be.",
  equation: "mean over i of [argmax f(xᵢ) = yᵢ]",
  reference: "classifier accuracy, guidegraph evaluate",
  inputs: {
    images: port.image(),
    labels: port.labels({ help: "What they were to be." }),
    ...readerParameters("shape", "Its output of logits, one a class; empty takes the first."),
  },
  outputs: {},
  effect: true,
  infer: ({ images, labels }, known) => {
    sameSize({ images, labels: labelled(labels) });
    const reader = readerFacts(images, known);
    if (reader?.width !== undefined && labels?.max !== undefined) wantClasses(labels.max, reader.width);
    return {};
  },
  saves: ({ images }) => measuredRows(images, 1),
  run: async ({ images, labels, ...reader }, world) => {
    const logits = await rowsOf(images, reader, world);
    const [count, classes] = logits.dims;
    const each = labelsFor(labels.values, count);
    wantClasses(Math.max(...each), classes);
    await world.outputs.measure({ dims: [count, 1], data: hits(logits.data, classes, each) });
    return {};
  },
  conclude: async ({ read }) => {
    const all: number[] = [];
    for await (const rows of read()) for (const hit of rows) all.push(hit);
    return { accuracy: measuredShare(all, usualDraws(1)) };
  },
});

function wantClasses(largest: number, classes: number): void {
  if (largest >= classes)
    throw new GraphError(
      `The labels go to ${largest}, and this output tells ${classes} classes: choose another network or output`,
      "output",
    );
}
