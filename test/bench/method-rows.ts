/** What is measured of methods, a row at a time: what they draw, judged by a reader that is no part of most, and what that takes. */
import { InferenceSession } from "onnxruntime-node";
import { bootstrapInterval } from "../../diffusion/evaluation/bootstrap.ts";
import { documentBuilder, type GraphDocument } from "../../graphs/document/index.ts";
import type { SamplerName } from "../../graphs/recipes/index.ts";
import { finish, insert, noiseFor, start, wanted } from "../../graphs/recipes/parts.ts";
import { nodes } from "../../nodes/index.ts";
import { readNpz } from "../support/npz.ts";
import { readPictures } from "./guidance.ts";
import { benchEngine, example, sample } from "./run-graph.ts";
import { wilson } from "./statistics.ts";

/** How many pictures a row is of: of `drawn` a class each in turn, `real` are restored. */
export interface Amounts {
  readonly drawn: number;
  readonly real: number;
}

/** Cells by their column. */
export type Row = Readonly<Record<string, string>>;
export type MeasureRow = (amounts: Amounts) => Promise<Row>;

interface Drawn {
  readonly pictures: Uint8Array;
  /** Of all threads, a picture. */
  readonly cpuSeconds: number;
  /** Calls of the classifier's gradient, and of how many steps. */
  readonly gradients?: { readonly calls: number; readonly skipped: number } | undefined;
}

async function drawn(document: GraphDocument): Promise<Drawn> {
  const engine = benchEngine({ threads: 2 });
  try {
    const begun = process.cpuUsage();
    const { pictures, spared } = await sample(engine, document);
    const { user, system } = process.cpuUsage(begun);
    const count = pictures.length / (side * side * 3);
    return { pictures, cpuSeconds: (user + system) / 1e6 / count, gradients: spared.get("Guidance Gradient") };
  } finally {
    await engine.networks.close();
  }
}

async function shapes({ pictures }: Drawn, classes: readonly number[]): Promise<string> {
  const reader = await InferenceSession.create("models/shapes32_reader.onnx");
  const read = await readPictures(reader, { pictures });
  const right = read.filter(({ shape }, i) => shape === classes[i]).length;
  return within(right / read.length, wilson(right, read.length), 3, 2);
}

const side = 32;
const classesOf = ({ drawn }: Amounts): number[] => Array.from({ length: drawn }, (_, i) => i % 10);
const cost = ({ cpuSeconds }: Drawn): string => cpuSeconds.toFixed(2);

// Samplers at equal calls of the network, which is told the class.

const calls = 11;

interface Told {
  /** How often a step asks the network. */
  readonly callsAStep?: number;
  /** It draws fresh noise. */
  readonly isRandom?: true;
  readonly set?: Readonly<Record<string, number>>;
}

function told(sampler: SamplerName, steps: number, amounts: Amounts, { isRandom, set }: Told = {}): GraphDocument {
  const begun = start(sampler, "Measured.", `lambda${steps}`);
  const { b, model, schedule } = begun;
  const labels = wanted(b, classesOf(amounts).join(), "Wanted shape", { model });
  const noise = noiseFor(begun, { labels });
  const random = isRandom && { noise: noise.out("noise") };
  const x = insert(b, sampler, { schedule, x: noise.out("x_T"), model, labels, ...random, ...set });
  return finish(b, x, sampler, labels);
}

let exact: Promise<Drawn> | undefined;
/** Where the probability flow leads from the same noise, nearly. */
const exactOf = (amounts: Amounts): Promise<Drawn> => {
  exact ??= drawn(told("unipc", 50, amounts));
  return exact;
};

const sampler =
  (name: SamplerName, given: Told = {}): MeasureRow =>
  async (amounts) => {
    const { callsAStep = 1, isRandom } = given;
    const steps = callsAStep === 1 ? calls : (calls + 1) / callsAStep;
    const found = await drawn(told(name, steps, amounts, given));
    return {
      steps: String(steps),
      calls: String(calls),
      "wanted shapes": await shapes(found, classesOf(amounts)),
      "off the exact path": isRandom ? "random" : rms(found.pictures, (await exactOf(amounts)).pictures).toFixed(1),
      "CPU s a picture": cost(found),
    };
  };

// Guidance, by networks that the UNet knows nothing of.

const guided =
  (name: string, set: Readonly<Record<string, string>> = {}): MeasureRow =>
  async (amounts) => {
    const found = await drawn(example(name, { "Wanted shape.classes": classesOf(amounts).join(), ...set }));
    const { calls, skipped } = found.gradients ?? {};
    return {
      "wanted shapes": await shapes(found, classesOf(amounts)),
      "gradients asked": skipped === undefined ? "all" : `${calls} of ${calls! + skipped}`,
      "CPU s a picture": cost(found),
    };
  };

// Pictures of which something is known.

const first = 12;
const reference = readNpz("models/shapes32_reference.npz");
const real = ({ real }: Amounts) => {
  const size = side * side * 3;
  const pictures = (reference.arr_0.data as Uint8Array).subarray(first * size, (first + real) * size);
  const labels = Array.from(reference.arr_1.data as BigInt64Array | Int32Array, Number).slice(first, first + real);
  return { pictures, labels };
};

type Known = "half" | "small" | "blurred";
const ofKnown: Readonly<Record<Known, string>> = {
  half: "posterior-sampling",
  small: "super-resolution",
  blurred: "deblurring",
};

async function restored(found: Drawn, amounts: Amounts): Promise<Row> {
  const { pictures, labels } = real(amounts);
  return {
    "PSNR, dB": psnr(found.pictures, pictures),
    "of the left half": psnr(found.pictures, pictures, (x) => x < side / 2),
    "shapes kept": await shapes(found, labels),
    "CPU s a picture": cost(found),
  };
}

const posterior =
  (known: Known): MeasureRow =>
  async (amounts) => {
    const set = { "Real pictures.count": String(amounts.real), "Noise.batch": String(amounts.real) };
    return restored(await drawn(example(ofKnown[known], set)), amounts);
  };

const repainted: MeasureRow = async (amounts) => {
  const streams = ["Noise", "Noise to go up", "Noise of the known"];
  const set = Object.fromEntries(streams.map((title) => [`${title}.batch`, String(amounts.real)]));
  const right = { "Box Mask.left": "0.5", "Box Mask.right": "1", "Real pictures.count": String(amounts.real) };
  return restored(await drawn(example("inpainting", { ...set, ...right })), amounts);
};

/** What is known of the pictures as it is: enlarged between its pixels, or blurred. */
const asKnown =
  (known: Exclude<Known, "half">): MeasureRow =>
  async (amounts) => {
    const b = documentBuilder(nodes, { title: known });
    const file = { file: "shapes32_reference.npz", first, count: amounts.real };
    const tensor = b.add("guidegraph/encode-image", { image: b.add("guidegraph/load-image", file).out("image") });
    const of = { tensor: tensor.out("x0") };
    const small = () => b.add("guidegraph/average-pool", { ...of, factor: 4 }).out("tensor");
    const large = () => b.add("guidegraph/resize", { tensor: small(), height: side, width: side }).out("tensor");
    const x = known === "small" ? large() : b.add("guidegraph/blur", { ...of, sigma: 2 }).out("tensor");
    return restored(await drawn(finish(b, x, known)), amounts);
  };

const byClassAlone: MeasureRow = async (amounts) => {
  const { labels } = real(amounts);
  return restored(await drawn(example("guided-ddim", { "Wanted shape.classes": labels.join() })), amounts);
};

export const tables = {
  samplers: {
    DDPM: sampler("unguided-ddpm", { isRandom: true }),
    DDIM: sampler("unguided-ddim"),
    PLMS: sampler("plms"),
    "DPM-Solver++ 2M": sampler("dpm-solver-2m"),
    "DPM-Solver++ 2M SDE": sampler("dpm-solver-2m", { isRandom: true, set: { eta: 1 } }),
    "DPM-Solver++ 2S": sampler("dpm-solver-2s", { callsAStep: 2 }),
    Heun: sampler("heun", { callsAStep: 2 }),
    "Churned Heun": sampler("churned-heun", { callsAStep: 2, isRandom: true }),
    UniPC: sampler("unipc"),
  },
  guidance: {
    "Classifier guidance (DDIM)": guided("guided-ddim"),
    "Guidance interval": guided("guidance-interval"),
    "Gradient reuse": guided("gradient-reuse", { "Diffusion Schedule.timestep_respacing": "ddim25" }),
    "Universal guidance": guided("universal-guidance"),
    "Universal guidance with 2 steps backward": guided("universal-guidance", { "Universal Guidance.iterations": "2" }),
    FreeDoM: guided("freedom"),
    "LGD-MC": guided("lgd-mc"),
    MPGD: guided("mpgd"),
    "Training-free guidance": guided("tfg"),
    "Universal guidance at strength 0": guided("universal-guidance", { "Universal Guidance.strength": "0" }),
  },
  restoring: {
    "left half known: DPS": posterior("half"),
    "left half known: RePaint": repainted,
    "8×8 known: DPS": posterior("small"),
    "8×8 known: bilinear": asKnown("small"),
    "blurred known: DPS": posterior("blurred"),
    "blurred known: as it is": asKnown("blurred"),
    "class known: classifier guidance alone": byClassAlone,
  },
} satisfies Readonly<Record<string, Readonly<Record<string, MeasureRow>>>>;

/** A number, and where it lies in 95 of 100 cases. */
const within = (value: number, [low, high]: readonly [number, number], digits: number, coarse = digits): string =>
  `${value.toFixed(digits)} [${low.toFixed(coarse)}, ${high.toFixed(coarse)}]`;

/** Of all pictures together, and of as many drawn again with replacement. */
function psnr(found: Uint8Array, expected: Uint8Array, counts?: (x: number) => boolean): string {
  const size = side * side * 3;
  const parts = Array.from({ length: found.length / size }, (_, i) =>
    squares(found.subarray(i * size, (i + 1) * size), expected.subarray(i * size, (i + 1) * size), counts),
  );
  const of = (times: ArrayLike<number>): number => {
    const [sum, count] = [0, 1].map((k) => parts.reduce((all, part, i) => all + times[i] * part[k], 0));
    return 10 * Math.log10((255 ** 2 * count) / sum);
  };
  const all = of(parts.map(() => 1));
  return within(all, bootstrapInterval(parts.length, 1000, all, of), 1);
}

/** In levels of a byte, of the columns that count. */
function rms(found: Uint8Array, expected: Uint8Array): number {
  const [sum, count] = squares(found, expected);
  return Math.sqrt(sum / count);
}

/** Σ (found − expected)² of the columns that count, and of how many values. */
function squares(
  found: Uint8Array,
  expected: Uint8Array,
  counts: (x: number) => boolean = () => true,
): readonly [sum: number, count: number] {
  let [sum, count] = [0, 0];
  for (let i = 0; i < found.length; i++) {
    if (!counts(Math.floor(i / 3) % side)) continue;
    sum += (found[i] - expected[i]) ** 2;
    count++;
  }
  return [sum, count];
}
