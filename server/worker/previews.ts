/**
 * What one sees of a loop while it runs: the predicted x₀ as it forms, and every wire that somebody asked to see. Looking
 * costs a little at every step, so pictures are made at most ten times a second (of a run of several batches four
 * times), and always of the last step.
 */
import { asSeen, decode, type Pictures, type Prediction, type Tensor } from "../../diffusion/index.ts";
import { everyStep, type LoopStep, outputsOf, type Path, type Plan, type Watch } from "../../executor/index.ts";
import type { Preview } from "../../nodes/index.ts";
import type { PreviewMessage } from "../channel/messages.ts";
import { encodePreview } from "../protocol.ts";

export interface PreviewOptions {
  readonly run: string;
  readonly plan: Plan;
  readonly wires: readonly { readonly path: Path; readonly output: string }[];
  readonly show: (preview: PreviewMessage) => void;
  /** Of several, nobody looks at each as it forms. */
  readonly batches?: number;
  readonly now?: () => number;
}

const leastMs = 100;
const leastMsOfMany = 250;
/** One preview: enough for a batch of 16 at 256 × 256, little enough for ten a second. */
const maxBytes = 3 * 2 ** 20;
const maxPictures = 16;

/** The executor's watches for a run. */
export function loopPreviews({
  run,
  plan,
  wires,
  show,
  batches = 1,
  now = () => performance.now(),
}: PreviewOptions): Watch[] {
  const watch = (path: Path, output: string, as: { path: Path; output?: string }, asked: boolean): Watch => {
    let last = Number.NEGATIVE_INFINITY;
    return {
      path,
      output,
      asked,
      see(value, { batch, index, count }) {
        const time = now();
        if (time - last < (batches > 1 ? leastMsOfMany : leastMs) && index !== undefined && index + 1 !== count)
          return undefined;
        last = time;
        const pictures = picturesOf(value);
        const at = { ...as, ...(index !== undefined && { index, count }), ...batchIn(batch, batches) };
        if (pictures) show(frameOf(run, at, pictures));
        return undefined;
      },
    };
  };
  const loops = everyStep(plan.steps).flatMap((step) => {
    const seen = step.is === "loop" ? formsIn(step) : undefined;
    return seen ? [watch(seen.path, seen.output, { path: step.path }, false)] : [];
  });
  return [...loops, ...wires.map(({ path, output }) => watch(path, output, { path, output }, true))];
}

/** What a node shows by itself, as a frame. */
export const shownFrame = (
  run: string,
  { path, index, pictures }: Preview,
  { batch, batches }: { readonly batch: number; readonly batches: number },
): PreviewMessage =>
  frameOf(run, { path, ...(index !== undefined && { index }), ...batchIn(batch, batches) }, pictures);

/** Several devices may be at it: whoever looks must not take pictures of two batches for one. */
const batchIn = (batch: number, batches: number): Pick<At, "batch" | "batches"> =>
  batches > 1 ? { batch, batches } : {};

interface At {
  readonly path: Path;
  readonly output?: string;
  readonly index?: number;
  readonly count?: number | undefined;
  readonly batch?: number;
  readonly batches?: number;
}

function frameOf(run: string, { count, ...at }: At, pictures: Pictures): PreviewMessage {
  const { dims, data } = asSeen(few(pictures));
  const [n, height, width, channels] = dims;
  const header = { type: "preview" as const, run, ...at, ...(count !== undefined && { count }) };
  return {
    type: "preview",
    run,
    of: at.output === undefined ? at.path : `${at.path} ${at.output}`,
    frame: encodePreview({ ...header, dims: [n, height, width, channels] }, data),
  };
}

/** The first pictures of a large batch. */
function few({ dims: [n, ...dims], data }: Pictures): Pictures {
  const size = dims.reduce((product, dim) => product * dim, 1);
  const shown = Math.max(1, Math.min(n, maxPictures, Math.floor(maxBytes / size)));
  return shown >= n ? { dims: [n, ...dims], data } : { dims: [shown, ...dims], data: data.subarray(0, shown * size) };
}

/** Where a loop's picture forms: the last prediction made in a step, or else a tensor that is carried. */
function formsIn({ path, each, carried }: LoopStep): { path: Path; output: string } | undefined {
  const last = each.flatMap(outputsOf).findLast(({ kind }) => kind === "prediction");
  const [name] = Object.keys(carried);
  return last ? { path: last.from, output: last.output } : name === undefined ? undefined : { path, output: name };
}

/** What can be seen of a value: pictures, a tensor N×C×H×W, the x₀ of a prediction. */
function picturesOf(value: unknown): Pictures | undefined {
  if (isPrediction(value)) return picturesOf(value.x0);
  if (!isArray(value)) return undefined;
  if (value.data instanceof Uint8Array) return value as Pictures;
  if (value.dims.length !== 4) return undefined;
  try {
    return decode(inRange(value as Tensor));
  } catch {
    return undefined; // Not finite: the node that meets it says so.
  }
}

/**
 * A gradient or ε is shown by its own size, sample by sample, so that one that is large leaves the others to be seen; x and x₀ lie
 * in about [−1, 1] as they are. Which of the two it is, all samples of a wire tell together.
 */
function inRange({ dims, data }: Tensor): Tensor {
  const size = data.length / dims[0];
  const maxima = Array.from({ length: dims[0] }, (_, sample) => {
    let max = 0;
    for (let i = sample * size; i < (sample + 1) * size; i++) max = Math.max(max, Math.abs(data[i]));
    return max;
  });
  const max = maxima.reduce((a, b) => Math.max(a, b), 0);
  if (max === 0 || (max <= 8 && max >= 0.125)) return { dims, data };
  return { dims, data: data.map((value, i) => value / (maxima[Math.floor(i / size)] || 1)) };
}

const isPrediction = (value: unknown): value is Prediction =>
  typeof value === "object" && value !== null && "x0" in value;

const isArray = (value: unknown): value is { dims: readonly number[]; data: unknown } =>
  typeof value === "object" && value !== null && "dims" in value && "data" in value;
