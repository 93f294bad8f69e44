/**
 * The `torch` generator: what the reference's scripts draw, in their order. Each batch of a run first draws its labels,
 * where they are random, then x_T, then one tensor a step (DDIM's too, although eta may be 0).
 */
import { sizeOf, type Tensor } from "./tensor.ts";
import { type TorchGenerator, torchGenerator } from "./torch-generator.ts";
import type { Noise } from "./types.ts";

export interface TorchNoiseOptions {
  /** 0 … 2⁵³ − 1, of which the low 32 bits count. */
  readonly seed: number;
  /** N×C×H×W. */
  readonly dims: readonly number[];
  /** Batches of the run that have been drawn before this one. */
  readonly batch?: number;
  /** Labels that each batch draws before its noise. */
  readonly labels?: number;
  /** Tensors that each batch draws: 1 + the schedule's count. Asked for from the second batch on. */
  readonly draws?: number;
  /** Another batch follows: a draw beyond `draws` would be its first, so it is refused. */
  readonly followed?: boolean;
}

/** A generator that stands where a batch begins, before its labels. Throws a RangeError when it cannot tell where. */
export function torchAtBatch({ seed, dims, batch = 0, labels = 0, draws }: TorchNoiseOptions): TorchGenerator {
  if (batch === 0) return torchGenerator(seed);
  if (draws === undefined)
    throw new RangeError(
      "Cannot find where the batch's torch draws begin: it takes the schedule to count those before",
    );
  const size = sizeOf(dims);
  const run = [seed, size, labels, draws].join(" ");
  const known = found?.run === run && found.batch <= batch ? found : { batch: 0, generator: torchGenerator(seed) };
  const generator = known.generator.copy();
  for (let b = known.batch; b < batch; b++) {
    generator.skipRandint(labels);
    for (let k = 0; k < draws; k++) generator.skipRandn(size);
  }
  found = { run, batch, generator };
  return generator.copy();
}

/** The last beginning that was found: batches come in order, and the thousandth should not count from the first again. */
let found: { readonly run: string; readonly batch: number; readonly generator: TorchGenerator } | undefined;

/** Beyond what any walk through a schedule takes. */
const longest = 2 ** 20;

/**
 * `torch.randn(dims)` by number, counted from the batch's x_T; draws taken in order cost nothing extra. A loop that takes
 * more steps than its schedule has draws more than was counted: a RangeError says so where another batch follows.
 */
export function torchNoise(options: TorchNoiseOptions): Noise {
  const { seed, dims, batch = 0, labels = 0, draws = 0, followed = false } = options;
  const size = sizeOf(dims);
  const start = () => {
    const generator = torchAtBatch(options);
    generator.skipRandint(labels);
    return { generator, next: 0 };
  };
  let cursor = start();

  function draw(index: number): Tensor {
    if (index > longest)
      throw new RangeError(
        "Cannot draw with torch in a loop within a loop, or at a step between rows that no loop takes: its draws are one sequence, in which these have no place; use philox",
      );
    if (followed && index >= draws)
      throw new RangeError(
        `Cannot take draw ${index}: torch's next batch begins after ${draws}; use philox, or one batch at a time`,
      );
    if (index < cursor.next) cursor = start();
    for (; cursor.next < index; cursor.next++) cursor.generator.skipRandn(size);
    cursor.next++;
    return { dims, data: cursor.generator.randn(size) };
  }
  return { key: `torch ${seed} ${batch} ${labels} ${draws} ${dims.join("×")}`, dims, draw };
}
