/** Measures a row of `npm run bench -- cost`: what two graphs call last, with what they gave it, called in turn. */
import type { GraphDocument } from "../../graphs/document/index.ts";
import { nativeProvider } from "../../server/providers/native.ts";
import { type Case, type Measured, networks } from "./cost-cases.ts";
import { benchFolder } from "./models.ts";
import { benchEngine, type Call, example, sample } from "./run-graph.ts";
import { median, percentile } from "./statistics.ts";

const warmUp = 3;

async function measure({ network, threads, batch }: Case): Promise<Measured> {
  const { rounds, file, side } = networks[network];
  const set = {
    "Load UNet.file": file,
    "Diffusion Schedule.timestep_respacing": "2",
    "Noise.batch": String(batch),
  };
  const real = { count: batch, height: side, width: side };
  const pictures = Object.entries(real).map(([name, value]) => [`Real pictures.${name}`, String(value)]);
  const forward = await opened(example("unguided-ddpm", set), threads);
  const gradient = await opened(example("posterior-sampling", { ...set, ...Object.fromEntries(pictures) }), threads);
  const times: (readonly [forward: number, gradient: number])[] = [];
  for (let round = 0; round < rounds(batch); round++) times.push([await forward.time(), await gradient.time()]);
  const ratios = times.map(([bare, whole]) => whole / bare);
  const [bare, whole] = [0, 1].map((i) => times.map((both) => both[i]));
  return {
    ratio: median(ratios),
    middle: [percentile(ratios, 0.25), percentile(ratios, 0.75)],
    undisturbed: percentile(whole, 0.1) / percentile(bare, 0.1),
    forward: { ms: median(bare), MiB: forward.MiB },
    gradient: { ms: median(whole), MiB: gradient.MiB },
  };
}

interface Opened {
  /** Milliseconds of a call. */
  time(): Promise<number>;
  readonly MiB: number;
}

/** A session of its own for the last call of a graph. */
async function opened(document: GraphDocument, threads: number): Promise<Opened> {
  const calls: Call[] = [];
  const engine = benchEngine({ threads, models: [benchFolder], calls });
  await sample(engine, document);
  await engine.networks.close();
  const { model, feeds } = calls.at(-1)!;
  const session = await nativeProvider("cpu", { threads }).createSession(model);
  const time = async () => {
    const begun = performance.now();
    await session.run(feeds);
    return performance.now() - begun;
  };
  const before = residentMiB();
  for (let i = 0; i < warmUp; i++) await time();
  return { time, MiB: residentMiB() - before };
}

const residentMiB = (): number => process.memoryUsage.rss() / 2 ** 20;

process.send!(await measure(JSON.parse(process.argv[2])));
process.disconnect();
