/** What `npm run bench -- cost` measures, and what a measuring process says of it. */
import { unet25M } from "./models.ts";

export interface Case {
  readonly network: keyof typeof networks;
  readonly threads: number;
  readonly batch: number;
}

export interface Measured {
  /** Median of the quotients of calls that followed one another, and between what the middle half of them lies. */
  readonly ratio: number;
  readonly middle: readonly [number, number];
  /** Of the fastest tenth of the calls: what it is on a machine that does nothing else. */
  readonly undisturbed: number;
  readonly forward: Cost;
  readonly gradient: Cost;
}

export interface Cost {
  readonly ms: number;
  /** By how much the process grew when the session was first called: its values, its weights not. */
  readonly MiB: number;
}

interface Network {
  readonly file: string;
  readonly side: number;
  readonly batches: readonly number[];
  readonly rounds: (batch: number) => number;
}

export const networks = {
  "demo, 32 channels at 32×32": {
    file: "shapes32_diffusion.pt",
    side: 32,
    batches: [1, 4, 8],
    rounds: (batch) => 16 + Math.ceil(160 / batch),
  },
  "random weights, 64 channels at 64×64": {
    file: unet25M.file,
    side: 64,
    batches: [1, 4],
    rounds: (batch) => Math.ceil(28 / batch),
  },
} as const satisfies Readonly<Record<string, Network>>;

/** By threads. */
export const goals = new Map([
  [1, 2.4],
  [2, 2.2],
]);
