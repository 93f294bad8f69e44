/** The text in an NPZ of samples: which of their run they are, in what they were computed, and the graph that drew them. */
import type { ComputedIn } from "./models/precision.ts";

/** Samples by their numbers in the whole run: from the first to before the last. */
export interface SampleRange {
  readonly from: number;
  readonly to: number;
}

export interface AboutSamples {
  readonly samples: SampleRange;
  /** Of float32 nothing is said. */
  readonly computedIn: string;
  /** It stays the text it is. */
  readonly graph: string;
}

const usual: ComputedIn = "float32";
const form = /^\{"samples":\[(\d{1,9}),(\d{1,9})\],(?:"computed":"([^"]{1,40})",)?"graph":(.*)\}$/s;

export function aboutSamples({ samples: { from, to }, computedIn, graph }: AboutSamples): string {
  const computed = computedIn === usual ? "" : `"computed":"${computedIn}",`;
  return `{"samples":[${from},${to}],${computed}"graph":${graph}}`;
}

/** Undefined for what is none. */
export function readAboutSamples(text: string | undefined): AboutSamples | undefined {
  const read = form.exec(text ?? "");
  if (!read) return undefined;
  const [, from, to, computedIn = usual, graph] = read;
  return { samples: { from: Number(from), to: Number(to) }, computedIn, graph };
}
