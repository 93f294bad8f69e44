/** Do gradients through the network guide, and what they cost: the examples that differentiate what is wired, beside those that do not. */
import { InferenceSession } from "onnxruntime-node";
import type { Engine } from "../../server/engine/engine.ts";
import { readNpz } from "../support/npz.ts";
import { readPictures, share } from "./guidance.ts";
import { benchEngine, example, RunTime, type Sampled, sample } from "./run-graph.ts";
import { median } from "./statistics.ts";

const [count, first, side] = [16, 12, 32];
const real = readNpz("models/shapes32_reference.npz");
const size = side * side * 3;
const pictures = (real.arr_0.data as Uint8Array).subarray(first * size, (first + count) * size);
const labels = Array.from(real.arr_1.data as BigInt64Array | Int32Array, Number).slice(first, first + count);

export async function methods(): Promise<void> {
  const reader = await InferenceSession.create("models/shapes32_reader.onnx");
  const engine = benchEngine({ threads: 0 });
  const seen = async (sampled: Pick<Sampled, "pictures">, wanted: readonly number[]): Promise<string> => {
    const read = await readPictures(reader, sampled);
    return share(
      read.map(({ shape }, i) => shape === wanted[i]),
      wanted,
    );
  };
  console.log(
    `\nInpainting: the right halves of ${count} real pictures; share of their shapes by the reader, PSNR of the kept half`,
  );
  const size = { "Real pictures.count": `${count}`, "Noise.batch": `${count}` };
  const repaint = { "Noise to go up.batch": `${count}`, "Noise of the known.batch": `${count}` };
  const right = { "Box Mask.left": "0.5", "Box Mask.right": "1" };
  for (const [name, set] of [
    ["posterior-sampling", size],
    ["inpainting", { ...size, ...repaint, ...right }],
  ] as const) {
    const sampled = await sample(engine, example(name, set));
    console.log(
      `  ${name.padEnd(20)} shape ${await seen(sampled, labels)}  kept ${psnr(sampled.pictures).toFixed(1)} dB`,
    );
  }
  console.log(`  ${"the pictures".padEnd(20)} shape ${await seen({ pictures }, labels)}`);

  console.log("\nUniversal guidance: share of 16 pictures that show the wanted shape, by the reader that guided");
  for (const strength of ["0", "0.3"]) {
    const sampled = await sample(engine, example("universal-guidance", { "Strength.value": strength }));
    console.log(
      `  strength ${strength.padEnd(4)} shape ${await seen(sampled, sampled.labels)}  (≥ 0.90 where it guides)`,
    );
  }
  await conditions(engine, (sampled) => seen(sampled, sampled.labels));
  await engine.networks.close();
  await cost();
}

/** What a condition that is false spares. `seen`: the share of pictures that show what was wanted. */
export async function conditions(engine: Engine, seen: (sampled: Sampled) => Promise<string>): Promise<void> {
  console.log(
    "\nConditions: calls of the classifier's gradient, share of 16 pictures that show the wanted shape, time of the run",
  );
  for (const name of ["guided-ddim", "guidance-interval", "gradient-reuse"] as const) {
    // Of gradient-reuse as many steps as the others, so that the times are of the same work.
    const set = name === "gradient-reuse" ? { "Diffusion Schedule.timestep_respacing": "ddim25" } : {};
    await sample(engine, example(name, set));
    const sampled = await sample(engine, example(name, set));
    const { calls, skipped } = sampled.spared.get("Guidance Gradient") ?? { calls: 25, skipped: 0 };
    const saved = `${calls} of ${calls + skipped} calls, ${Math.round((100 * skipped) / (calls + skipped))} % saved`;
    const seconds = (sampled.ms / 1000).toFixed(1);
    console.log(`  ${name.padEnd(18)} ${saved.padEnd(28)} shape ${await seen(sampled)}  ${seconds} s`);
  }
}

/** Of the left half, which was known. */
function psnr(found: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < found.length; i++) if (Math.floor(i / 3) % side < side / 2) sum += (found[i] - pictures[i]) ** 2;
  return 10 * Math.log10(255 ** 2 / (sum / (found.length / 2)));
}

async function cost(): Promise<void> {
  console.log("\nCost: value and gradient through the UNet over its forward pass, time within session.run, batch 4");
  for (const [threads, goal] of [
    [1, 2.4],
    [2, 2.2],
  ]) {
    const time = new RunTime();
    const engine = benchEngine({ threads, time });
    const steps = { "Diffusion Schedule.timestep_respacing": "10" };
    const documents = [
      example("unguided-ddpm", { ...steps, "Noise.batch": "4" }),
      example("posterior-sampling", steps),
    ];
    const ratios: number[] = [];
    for (let round = -1; round < 7; round++) {
      const times: number[] = [];
      for (const document of documents) {
        time.reset();
        await sample(engine, document);
        times.push(time.ms);
      }
      // The first run loads the sessions.
      if (round >= 0) ratios.push(times[1] / times[0]);
    }
    await engine.networks.close();
    console.log(`  ${threads} thread(s)  ${median(ratios).toFixed(3)}  (≤ ${goal})`);
  }
}
