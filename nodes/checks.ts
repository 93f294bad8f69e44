/** What `infer` refuses, said once for all nodes. Facts that are not known are not judged; `run` meets the values. */
import type { Prediction } from "../diffusion/index.ts";
import type { NetworkFacts } from "./handles.ts";
import type { LabelFacts, Meaning } from "./kinds.ts";
import { GraphError } from "./node.ts";
import type { Size } from "./size.ts";

type Wired<T> = Readonly<Record<string, T | undefined>>;

/** The axes of a tensor, N×C×H×W. */
export const dimensions = ["batch", "channels", "height", "width"] as const;

const shape = (size: Size) => dimensions.map((dimension) => size[dimension] ?? "?").join("×");

/** A port has another batch than one before it wants: whoever knows what is wired can say where both come from. */
export class BatchMismatch extends GraphError {
  constructor(
    message: string,
    port: string,
    readonly other: string,
    readonly batch: number,
    readonly wanted: number,
  ) {
    super(message, port);
  }
}

/** The size that all wired inputs share. Throws a GraphError at the first port that contradicts those before it. */
export const sameSize = (wired: Wired<Demanded>): Size => sizeWith(wired, []);

/** Along the sides `free`, what is 1 long demands nothing. */
function sizeWith(wired: Wired<Demanded>, free: readonly (typeof dimensions)[number][]): Size {
  const known: { -readonly [D in keyof Size]: number } = {};
  const from: { [D in keyof typeof known]?: string } = {};
  for (const [port, facts] of Object.entries(wired))
    for (const dimension of dimensions) {
      const value = facts?.[dimension];
      if (value === undefined || (value === 1 && free.includes(dimension))) continue;
      const other = from[dimension];
      if (other !== undefined && known[dimension] !== value) {
        const isBothSides = dimension === "height" && facts?.width !== (known.width ?? facts?.width);
        const must = isBothSides
          ? `sides must be ${known.height}×${known.width}`
          : `${dimension} must be ${known[dimension]}`;
        const isSide = dimension === "height" || dimension === "width";
        const why = isSide ? (wired[other]?.sidesFixed ?? facts?.sidesFixed) : undefined;
        const message = `Cannot use ${port} (${shape(facts!)}) with ${other} (${shape(wired[other]!)}): its ${must}${why === undefined ? "" : ` (${why})`}`;
        if (dimension === "batch") throw new BatchMismatch(message, port, other, value, known.batch!);
        throw new GraphError(message, port);
      }
      known[dimension] = value;
      from[dimension] ??= port;
    }
  return known;
}

/**
 * The size of tensors that are taken together value by value, where along these sides one serves all. Throws a GraphError like
 * `sameSize`.
 */
export function broadcastSize(wired: Wired<Size>, sides: readonly (typeof dimensions)[number][] = ["batch"]): Size {
  const known = sizeWith(wired, sides);
  const given = Object.values(wired).filter((size) => size !== undefined);
  const ones = sides.filter((side) => known[side] === undefined && given.every((size) => size[side] === 1));
  return { ...known, ...Object.fromEntries(ones.map((side) => [side, 1])) };
}

/**
 * The batch that numbers demand, one for each sample; one for all demands none. Throws a GraphError for a tensor that is known
 * to have more values a sample.
 */
export function numbersSizes<P extends string>(
  wired: Readonly<Record<P, Size | undefined>>,
): Readonly<Record<P, Size>> {
  const sized = Object.entries<Size | undefined>(wired).map(([port, { batch, ...sample } = {}]) => {
    if ([sample.channels, sample.height, sample.width].some((dim) => dim !== undefined && dim !== 1))
      throw new GraphError(
        `Cannot use ${port} (${shape(wired[port as P]!)}): it must be a number, or one a sample (N×1×1×1), as Reduce and the losses give`,
        port,
      );
    return [port, batch === 1 ? {} : facts({ batch })];
  });
  return Object.fromEntries(sized) as Readonly<Record<P, Size>>;
}

/** What a network demands of x: its sides, where it takes no others. Of its output, and of a cond_fn, the batch too. */
export const demanded = ({ batch, channels, height, width, multiple, sidesFixed }: NetworkFacts = {}): Demanded =>
  facts({ batch, channels, ...(multiple === undefined && { height, width, sidesFixed }) });

interface Demanded extends Size {
  readonly sidesFixed?: string;
}

/** Throws a GraphError for an x whose sides the network cannot halve as often as it does. */
export function wantSides({ multiple, height, width }: NetworkFacts = {}, x: Size | undefined, port = "x"): void {
  if (multiple === undefined) return;
  for (const side of ["height", "width"] as const) {
    const value = x?.[side];
    const isOwn = x?.height === height && x?.width === width;
    if (value !== undefined && value % multiple !== 0 && !isOwn)
      throw new GraphError(
        `Cannot use ${port} (${shape(x!)}) with this network: its ${side} must be a multiple of ${multiple}`,
        port,
      );
  }
}

/** The sides that two parameters say: 0 leaves it to the network; of a width alone to the height, so that one makes a square. */
export function sidesOf(
  height: number | undefined,
  width: number | undefined,
  network: Size | undefined,
): { readonly height?: number; readonly width?: number } {
  const high = height === 0 ? network?.height : height;
  return facts({ height: high, width: width === 0 ? (height === 0 ? network?.width : height) : width });
}

const named: Record<Meaning, string> = {
  x: "x",
  x0: "a predicted x₀",
  eps: "ε",
  mean: "a mean",
  gradient: "a gradient",
};

/** Throws a GraphError when a tensor that is known to mean something else arrives. */
export function wantMeaning(wired: Wired<{ readonly meaning?: Meaning }>, ...wanted: readonly Meaning[]): void {
  for (const [port, facts] of Object.entries(wired))
    if (facts?.meaning !== undefined && !wanted.includes(facts.meaning))
      throw new GraphError(
        `Cannot use ${named[facts.meaning]} as ${port}: wire ${wanted.map((meaning) => named[meaning]).join(" or ")}`,
        port,
      );
}

/** Throws a GraphError when a label may lie outside the network's classes. */
export function wantLabels(labels: LabelFacts | undefined, network: NetworkFacts | undefined, what: string): void {
  if (labels?.max !== undefined && network?.classes !== undefined && labels.max >= network.classes)
    throw new GraphError(
      `Cannot use label ${labels.max}: the ${what} has ${network.classes} classes, 0 to ${network.classes - 1}`,
      "labels",
      undefined,
      "classes",
    );
}

/** Throws a GraphError for a network whose gradient does not reach the picture: it would guide nothing. */
export function wantGradient(
  { stopped }: Pick<NetworkFacts, "stopped"> = {},
  port: "classifier" | "model" | "network" = "classifier",
): void {
  if (stopped !== undefined)
    throw new GraphError(`Cannot guide by this ${port}, its gradient does not reach the picture: ${stopped}`, port);
}

/** What is said where logits are wanted of what looks like embeddings; undefined where nothing speaks against it. */
export const doubtful = (doubt: string | undefined, classes: number | undefined, mend: string): string | undefined =>
  doubt === undefined
    ? undefined
    : `It is taken for logits${classes === undefined ? "" : ` of ${classes} classes`}, but ${doubt}: ${mend}`;

/** A network that is wired but of which nothing is known yet: its file is missing, or a wire will name it. */
export const isUnread = (network: NetworkFacts | undefined): boolean =>
  network !== undefined && network.predicts === undefined && network.classes === undefined;

/** The size that labels demand: one label is for every picture, so it demands none. */
export const labelled = ({ batch }: LabelFacts = {}): Size => (batch === undefined || batch === 1 ? {} : { batch });

/** One label for each picture; a single one is repeated. Throws a GraphError when there are more or fewer. */
export function labelsFor(values: readonly number[], batch: number): readonly number[] {
  if (values.length === 1) return new Array<number>(batch).fill(values[0]);
  if (values.length === batch) return values;
  throw new GraphError(
    `Cannot use ${values.length} labels for a batch of ${batch}: give one, or one a picture`,
    "labels",
  );
}

/** Throws a GraphError for samplers that read only x₀ and would silently lose a moved mean. */
export function wantWholeGuidance({ conditioned }: Partial<Pick<Prediction, "conditioned">> = {}): void {
  if (conditioned === "mean")
    throw new GraphError(
      "Cannot use a prediction whose mean alone was conditioned: this step reads only x₀ and would not be guided; use Condition Score instead of Condition Mean",
      "prediction",
    );
}

/** Throws a GraphError where a step draws as its eta says and no noise is wired. */
export function wantNoNoise(step: string, eta: number): void {
  if (eta > 0)
    throw new GraphError(`Cannot take a ${step} step with eta ${eta} without noise: wire a noise stream`, "noise");
}

/** What `make` gives; a RangeError of it, which has no port, becomes the GraphError of one. */
export function atPort<T>(port: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof RangeError) throw new GraphError(error.message, port);
    throw error;
  }
}

/** A number that a wire may supply, in which case it is not known beforehand. */
export const knownNumber = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

/** The facts without those that are undefined, which `exactOptionalPropertyTypes` tells apart from absent ones. */
export function facts<T extends object>(given: { readonly [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<T>;
}
