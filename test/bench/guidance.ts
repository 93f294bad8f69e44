/** Does guidance work: how many of the pictures show what was asked for, by a reader that never guides. */
import { InferenceSession, Tensor } from "onnxruntime-node";
import { benchEngine, example, type Sampled, sample } from "./run-graph.ts";

const perBatch = 16;
const batches = 4;
const seeds = [1, 2, 3];
/** Every class as often as the others, as far as 64 pictures go. */
const shapes = Array.from({ length: perBatch * batches }, (_, i) => i % 10);
const colours = Array.from({ length: perBatch * batches }, (_, i) => (i * 3 + (i >> 3)) % 8);

export async function guidance(): Promise<void> {
  const reader = await InferenceSession.create("models/shapes32_reader.onnx");
  console.log("\nGuidance: share of 64 pictures that show what was wanted, averaged over classes");
  for (const [name, wantsColour, goal] of [
    ["guided-ddim", false, "shape ≥ 0.90"],
    ["guided-ddpm", false, "shape ≥ 0.95"],
    ["red-star", true, "both ≥ 0.80"],
  ] as const)
    for (const seed of seeds) {
      const engine = benchEngine({ threads: 0 });
      const document = example(name, {
        "Noise.seed": String(seed),
        "Wanted shape.classes": shapes.join(","),
        "Wanted shape.count": String(perBatch),
        ...(wantsColour && { "Wanted colour.classes": colours.join(","), "Wanted colour.count": String(perBatch) }),
      });
      const sampled = await sample(engine, document, batches);
      await engine.networks.close();
      const read = await readPictures(reader, sampled);
      const shape = read.map((picture, i) => picture.shape === shapes[i]);
      const colour = read.map((picture, i) => picture.colour === colours[i]);
      const both = shape.map((right, i) => right && colour[i]);
      const found = wantsColour
        ? `shape ${share(shape, shapes)}  colour ${share(colour, colours)}  both ${share(both, shapes)}`
        : `shape ${share(shape, shapes)}`;
      console.log(`  ${name.padEnd(12)} seed ${seed}  ${found}  (${goal})`);
    }
}

/** Averaged over classes. */
export function share(right: readonly boolean[], classes: readonly number[]): string {
  const names = [...new Set(classes)];
  const of = (name: number) => right.filter((_, i) => classes[i] === name);
  const shares = names.map((name) => of(name).filter(Boolean).length / of(name).length);
  return (shares.reduce((sum, value) => sum + value, 0) / shares.length).toFixed(3);
}

export async function readPictures(reader: InferenceSession, { pictures }: Pick<Sampled, "pictures">) {
  const [size, channels] = [32 * 32, 3];
  const count = pictures.length / (size * channels);
  const x = new Float32Array(pictures.length);
  for (let n = 0; n < count; n++)
    for (let p = 0; p < size; p++)
      for (let c = 0; c < channels; c++)
        x[(n * channels + c) * size + p] = pictures[(n * size + p) * channels + c] / 127.5 - 1;
  const { shape, colour } = await reader.run({ x: new Tensor("float32", x, [count, channels, 32, 32]) });
  const best = ({ data, dims }: typeof shape, n: number): number => {
    const row = (data as Float32Array).subarray(n * dims[1], (n + 1) * dims[1]);
    return row.indexOf(Math.max(...row));
  };
  return Array.from({ length: count }, (_, n) => ({ shape: best(shape, n), colour: best(colour, n) }));
}
