/**
 * The `philox` generator: sample 17 is the same picture whatever the batch size, device or worker. The counter is
 * (block, draw, sample, stream); block ⌊i / 4⌋ holds values 4⌊i / 4⌋ … of one sample in C×H×W order. Any change is a
 * new generator name.
 */
import { boxMuller, log } from "./elementary.ts";
import { philox4x32 } from "./philox.ts";
import { seedWords } from "./seed.ts";
import { sizeOf, type Tensor, zeros } from "./tensor.ts";
import type { Noise } from "./types.ts";

const LABEL_STREAM = 0xffffffff;

export interface PhiloxNoiseOptions {
  /** 0 … 2⁵³ − 1. */
  readonly seed: number;
  /** A second consumer of one step's draw takes its own stream, 0 … 2³² − 2. */
  readonly stream?: number;
  /** N×C×H×W. */
  readonly dims: readonly number[];
  /** The run's number of the first sample of this batch. */
  readonly firstSample?: number;
}

/** Standard normal draws by number. Throws a RangeError for a seed or stream out of range. */
export function philoxNoise({ seed, stream = 0, dims, firstSample = 0 }: PhiloxNoiseOptions): Noise {
  const { low, high } = seedWords(seed);
  if (!Number.isInteger(stream) || stream < 0 || stream >= LABEL_STREAM)
    throw new RangeError(`Cannot draw from stream ${stream}: give a whole number from 0 to ${LABEL_STREAM - 1}`);
  const [count, ...sample] = dims;
  const size = sizeOf(sample);

  function draw(index: number): Tensor {
    const result = zeros(dims);
    for (let n = 0; n < count; n++)
      fillSample(result.data.subarray(n * size, (n + 1) * size), index, firstSample + n, stream, low, high);
    return result;
  }
  return { key: `philox ${seed} ${stream} ${firstSample} ${dims.join("×")}`, dims, draw };
}

function fillSample(out: Float32Array, draw: number, sample: number, stream: number, low: number, high: number): void {
  const words = new Uint32Array(4);
  const whole = out.length - (out.length % 4);
  for (let i = 0; i < whole; i += 4) {
    philox4x32(i / 4, draw, sample, stream, low, high, words);
    boxMuller(log(uniform(words[0])), uniform(words[1]), out, i, i + 1);
    boxMuller(log(uniform(words[2])), uniform(words[3]), out, i + 2, i + 3);
  }
  if (whole === out.length) return;
  const rest = new Float32Array(4);
  philox4x32(whole / 4, draw, sample, stream, low, high, words);
  boxMuller(log(uniform(words[0])), uniform(words[1]), rest, 0, 1);
  boxMuller(log(uniform(words[2])), uniform(words[3]), rest, 2, 3);
  out.set(rest.subarray(0, out.length - whole), whole);
}

/** (w + ½)·2⁻³²: inside (0, 1), both ends excluded. */
const uniform = (word: number): number => (word + 0.5) / 2 ** 32;

/** Labels below `classes` for samples `firstSample` …, one word each from a stream of their own. */
export function philoxLabels(seed: number, classes: number, count: number, firstSample = 0): number[] {
  const { low, high } = seedWords(seed);
  const words = new Uint32Array(4);
  return Array.from({ length: count }, (_, n) => {
    philox4x32(0, 0, firstSample + n, LABEL_STREAM, low, high, words);
    return Math.floor((words[0] / 2 ** 32) * classes);
  });
}
