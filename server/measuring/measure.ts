/**
 * How fast the devices of a machine are: correct first, then milliseconds a UNet call, a gradient and a guided step, by size,
 * batch and precision, beside the same machine's processor. It ends in the time that it is given: what it did not come to is
 * told as not measured, and what a device cannot do is told in its cell.
 */
import { type BuiltModel, type BuiltModels, nativeWords, type Provider } from "../../runtime/index.ts";
import { isCard } from "../providers/device-list.ts";
import { nativeProvider } from "../providers/native.ts";
import { tolerance } from "../providers/self-test.ts";
import { relativeError } from "../providers/trial.ts";
import { type First, type Measured, type Row, rowText, type Timed } from "./report.ts";
import {
  callsOf,
  firstAnswer,
  jointCallOf,
  type NetworkFlags,
  type Pictures,
  type Subject,
  subjects,
  usualFlags,
} from "./subject.ts";

export const usualSizes = [32, 64, 128] as const;
const batches = [1, 8, 16] as const;

export interface MeasureOptions {
  /** The processor comes first: the others are held against it. */
  readonly devices: readonly { readonly name: string; readonly provider: Provider }[];
  /** Where networks that are built are kept while they are measured. */
  readonly models: BuiltModels;
  readonly budgetMs: number;
  readonly sizes?: readonly number[];
  readonly batches?: readonly number[];
  /** Of the networks for a size. */
  readonly flags?: (size: number) => NetworkFlags;
  readonly say: (line: string) => void;
  /** How long a number is measured at most. */
  readonly eachMs?: number;
  readonly now?: () => number;
}

/** One more call is not begun when those before took so long. */
const longestCallMs = 20_000;
/** So often a number is measured at most. */
const measuredTimes = 12;

export async function measure(options: MeasureOptions): Promise<Measured> {
  const { devices, models, budgetMs, say, eachMs = 1_500, flags = usualFlags, now = () => performance.now() } = options;
  const end = now() + budgetMs;
  const rows: Row[] = [];
  const firsts: First[] = [];
  const isLate = () => now() > end;
  const median = (call: () => Promise<unknown>) => medianOf(call, eachMs, now);
  // The smallest of every device before the largest of any.
  for (const size of options.sizes ?? usualSizes) {
    const { labelled, unet: unetFor, both } = subjects(size, flags(size), models);
    const picture = { size, labelled };
    let right: Float32Array | undefined;
    for (const { name, provider } of devices)
      for (const precision of precisionsOf(provider)) {
        const cells = (options.batches ?? batches).map((batch) => ({ device: name, size, batch, precision }));
        if (isLate()) {
          rows.push(...cells);
          continue;
        }
        const began = now();
        const unet = await unetFor(provider, precision === "float16");
        const first = await answerOf(provider, unet, picture);
        const fail = (why: string, error?: number) => {
          rows.push(
            ...cells.map((cell) => ({ ...cell, failed: { unet: why }, ...(error !== undefined && { error }) })),
          );
          say(rowText(rows.at(-1)!));
        };
        if (!first.answer) {
          fail(first.why);
          continue;
        }
        const cold = now() - began;
        const cpu = nativeProvider("cpu", { threads: 0 });
        right ??= await firstAnswer(cpu, await unetFor(cpu, false), picture);
        const error = relativeError(first.answer, right);
        if (!isRight(precision, error)) {
          fail("its numbers are wrong", error);
          continue;
        }
        if (precision === "float32") {
          const again = now();
          await firstAnswer(provider, unet, picture);
          firsts.push({ device: name, size, cold, warm: now() - again });
        }
        const given = await both(provider, precision === "float16");
        let last = 0;
        for (const cell of cells) {
          const foreseen = last * (cell.batch / (rows.at(-1)?.batch ?? 1));
          const times =
            isLate() || foreseen > longestCallMs
              ? {}
              : await timesOf(provider, given, { ...cell, labelled }, isLate, median);
          last = times.step ?? Number.POSITIVE_INFINITY;
          rows.push({ ...cell, ...times, error });
          say(rowText(rows.at(-1)!));
        }
      }
  }
  return { rows, firsts };
}

/** Of a card those that it has, whether it gains by them or not. */
const precisionsOf = ({ name, noHalf }: Provider): readonly Row["precision"][] =>
  isCard(name) && noHalf === undefined ? ["float32", "float16"] : ["float32"];

/** What a device whose numbers are wrong takes for them says nothing. */
const isRight = (precision: Row["precision"], error: number): boolean =>
  error < tolerance[precision === "float16" ? "half" : "float"];

type Answered = { readonly answer: Float32Array } | { readonly answer?: undefined; readonly why: string };

const answerOf = (provider: Provider, unet: BuiltModel, picture: Omit<Pictures, "batch">): Promise<Answered> =>
  firstAnswer(provider, unet, picture).then(
    (answer) => ({ answer }),
    (error: unknown) => ({ why: nativeWords(error) }),
  );

/** What the sessions of each network are timed by. */
const apart = ["unet", "gradient", "step"] as const;

/** What there is time for; the session of both when those of each are closed, so that a device need not hold all of them. */
async function timesOf(
  provider: Provider,
  given: Subject,
  pictures: Pictures,
  isLate: () => boolean,
  median: (call: () => Promise<unknown>) => Promise<number>,
): Promise<Pick<Row, Timed | "failed">> {
  const times: Partial<Record<Timed, number>> = {};
  const failed: Partial<Record<Timed, string>> = {};
  const attempt = async <T>(names: readonly Timed[], work: () => Promise<T>): Promise<T | undefined> => {
    if (isLate()) return undefined;
    return work().catch((error: unknown) => {
      for (const name of names) failed[name] = nativeWords(error);
      return undefined;
    });
  };
  const timed = (name: Timed, call: () => Promise<unknown>) =>
    attempt([name], async () => {
      times[name] = await median(call);
    });
  const calls = await attempt(apart, () => callsOf(provider, given, pictures));
  if (calls) {
    for (const name of apart) await timed(name, calls[name]);
    await calls.close();
  }
  const joint = await attempt(["joint"], () => jointCallOf(provider, given, pictures));
  if (joint) {
    await timed("joint", joint.step);
    await joint.close();
  }
  return { ...times, ...(Object.keys(failed).length > 0 && { failed }) };
}

/** Of several calls behind one that is not counted: in it a card compiles kernels and tries which are fastest, for seconds. */
async function medianOf(call: () => Promise<unknown>, eachMs: number, now: () => number): Promise<number> {
  await call();
  const taken: number[] = [];
  for (const since = now(); taken.length < measuredTimes && (taken.length === 0 || now() - since < eachMs); ) {
    const start = now();
    await call();
    taken.push(now() - start);
  }
  return taken.sort((a, b) => a - b)[Math.floor(taken.length / 2)];
}
