import {
  frechetDistance,
  type MeanAndCovariance,
  type Measured,
  Moments,
  measured,
  packed,
  unpacked,
  usualDraws,
} from "../../diffusion/evaluation/index.ts";
import type { Pictures } from "../../diffusion/index.ts";
import type { Context, MeasuredRows } from "../context.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";
import { measuredRows } from "../saved.ts";
import { type Reading, readerFacts, readerOf, readerParameters, rowsOf } from "./read-pictures.ts";

export default defineNode({
  type: "guidegraph/frechet-distance",
  version: 1,
  title: "Fréchet Distance",
  category: "measures",
  description: "Tells how far the features of the pictures of all batches lie from those of real ones.",
  equation: "|μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2(Σ₁Σ₂)^½)",
  reference: "FID (arXiv:1706.08500), guidegraph evaluate",
  inputs: {
    images: port.image(),
    reference: port.text({
      default: "shapes32_reference.npz",
      file: "image",
      help: "NPZ or folder of real pictures; mu and sigma of an NPZ are taken where they are of this network's width. FID where the network is Inception.",
    }),
    ...readerParameters("features", "Its output of features; empty takes the first."),
  },
  outputs: {},
  effect: true,
  infer: ({ images }, known) => {
    const reference = known.parameter("reference");
    if (reference === "") throw new GraphError("Cannot compare with nothing: choose real pictures", "reference");
    if (typeof reference === "string") {
      const { batch = 2 } = atReference(() => known.image(reference));
      if (batch < 2) throw new GraphError(`"${reference}" is one picture: choose an NPZ or a folder`, "reference");
    }
    readerFacts(images, known);
    return {};
  },
  saves: ({ images }) => measuredRows(images),
  run: async ({ images, reference, ...reader }, world) => {
    const features = await rowsOf(images, reader, world);
    await world.outputs.measure(features, async () => {
      const told = await world.images.features(reference);
      // Those of another network are of no use here, as guidegraph evaluate has it.
      if (told?.mean.length === features.dims[1]) return packed(told);
      const { pictures } = await world.images.load(reference);
      return packed(await momentsOf(pictures, reader, world));
    });
    return {};
  },
  conclude: async (rows) => ({ distance: await distance(rows) }),
});

/** Thousands of pictures are read once for all runs of a process, while they are remembered themselves. */
const read = new WeakMap<Pictures, Map<string, Promise<MeanAndCovariance>>>();

async function momentsOf(pictures: Pictures, reader: Reading, world: Context): Promise<MeanAndCovariance> {
  const { key } = await readerOf(reader, world);
  const known = read.get(pictures) ?? new Map<string, Promise<MeanAndCovariance>>();
  read.set(pictures, known);
  const name = `${key} ${reader.output}`;
  const moments =
    known.get(name) ??
    rowsOf(pictures, reader, world).then(({ dims: [, width], data }) => {
      const all = new Moments(width);
      all.add(data);
      return all.result();
    });
  known.set(name, moments);
  // One that was cancelled is read again.
  moments.catch(() => known.delete(name));
  return moments;
}

/** A picture that is missing is complained of where it was named. */
function atReference<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof GraphError ? new GraphError(error.message, "reference") : error;
  }
}

/** All features are held where an interval is told, which is of few features; else their moments alone. */
async function distance({ count, width, beside, read }: MeasuredRows): Promise<Measured> {
  const real = unpacked(beside, width);
  const draws = usualDraws(width);
  const moments = new Moments(width);
  const all = new Float32Array(draws > 0 ? count * width : 0);
  let at = 0;
  for await (const rows of read()) {
    if (draws > 0) all.set(rows, at);
    else moments.add(rows);
    at += rows.length;
  }
  if (draws === 0) return { value: frechetDistance(moments.result(), real) };
  return measured(count, draws, (times) => {
    const drawn = new Moments(width);
    drawn.add(all, times && ((row) => times[row]));
    return frechetDistance(drawn.result(), real);
  });
}
