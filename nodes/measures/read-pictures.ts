/** How a measure has a network read pictures: which one, which of its outputs, and a row of numbers for each picture. */
import { encode, type Pictures, type Tensor, takeRound } from "../../diffusion/index.ts";
import { wantSides } from "../checks.ts";
import type { Context } from "../context.ts";
import type { NetworkHandle } from "../handles.ts";
import type { Known } from "../known.ts";
import { fitParameters, modelFile, modelParameters } from "../models/model-file.ts";
import { outputNamed } from "../models/output-named.ts";
import { GraphError } from "../node.ts";
import * as port from "../port.ts";
import type { Size } from "../size.ts";

/** The network that reads, the demo's where no other is chosen: `output` is one of its. */
export const readerParameters = (output: string, help: string) => ({
  ...modelParameters,
  file: port.text({ default: "shapes32_reader.onnx", file: "model", help: "An ONNX file of the models folder." }),
  output: port.text({ default: output, help }),
  ...fitParameters,
});

const fit = ["values", "resize", "layout"] as const;

/** A reference batch is read so many pictures at a time. */
const atOnce = 64;

export interface Reader {
  /** How many numbers it says of a picture, where its file tells. */
  readonly width?: number | undefined;
}

/** Refuses what cannot read `images`. Undefined while a wire names the file or the output. */
export function readerFacts(images: Size | undefined, known: Known): Reader | undefined {
  const file = modelFile((name) => known.parameter(name), fit);
  const name = known.parameter("output");
  if (!file || typeof name !== "string") return undefined;
  const network = known.network("network", file);
  if (network.timed || network.takesOther)
    throw new GraphError("This network takes more than pictures: choose one that reads clean pictures alone", "file");
  wantSides(network, images, "images");
  if (!network.outputs) return {};
  const { dims } = outputNamed(network.outputs, name);
  const numbers = dims?.slice(1);
  return { width: numbers?.every((dim) => dim !== null) ? numbers.reduce((a, b) => a * b, 1) : undefined };
}

/** What a measure is told of its reader. */
export type Reading = { readonly [name in keyof ReturnType<typeof readerParameters>]: string };

export const readerOf = (given: Reading, world: Context): Promise<NetworkHandle> =>
  world.models.network(modelFile((name) => given[name as "file"], fit)!);

/** What the network says of each picture, as rows N×K; what is more than a row of numbers is one, channel by channel. */
export async function rowsOf(pictures: Pictures, given: Reading, world: Context): Promise<Tensor> {
  const network = await readerOf(given, world);
  const [count] = pictures.dims;
  const rows: Float32Array[] = [];
  for (let first = 0; first < count; first += atOnce) {
    world.signal.throwIfAborted();
    const some = Math.min(atOnce, count - first);
    const answer = await network.apply(encode(takeRound(pictures, first, some)), given.output);
    if (answer.dims[0] !== some)
      throw new GraphError(`"${given.output}" has ${answer.dims[0]} rows for ${some} pictures`, "output");
    rows.push(answer.data);
  }
  const data = new Float32Array(rows.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const row of rows) {
    data.set(row, at);
    at += row.length;
  }
  return { dims: [count, data.length / count], data };
}
