/** What runs and surveys say of a node. It stands beside the card, which says what the document says. */
import type { Status } from "../runs/status.ts";

export type PictureSource = { readonly image: CanvasImageSource; readonly width: number; readonly height: number };

export interface Live {
  readonly status: Status;
  /** What is known to be wrong before a run, by slot or parameter. */
  readonly faults: ReadonlyMap<string, string>;
  /** What is to be said of it at once; that something is not wired yet is not. */
  readonly fault?: string | undefined;
  /** What may not be meant, though it will run. */
  readonly doubt?: string | undefined;
  readonly picture?: PictureSource | undefined;
  /** A line over the picture: "x₀ at step 17 of 50". */
  readonly pictureTag?: string | undefined;
  /** What stands where a picture would be, when it is not for want of a run. */
  readonly awaits?: string | undefined;
  /** What a measure says, in the place of the card's caption. */
  readonly numbers?: string | undefined;
  /** The picture is of an earlier setting. */
  readonly stale: boolean;
}

export const quiet: Live = { status: { state: "idle" }, faults: new Map(), stale: false };

/** A run failed at this slot or parameter, or would. */
export const isAtFault = ({ faults, status }: Live, name: string): boolean =>
  faults.has(name) || (status.state === "failed" && status.port === name);
