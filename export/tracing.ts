/** What the parts of a plan that hold others ask of whoever traces it. */
import type { Path, PlanStep, Source } from "../executor/index.ts";
import type { Kind, Size } from "../nodes/index.ts";
import type { Frame, Known } from "./frame.ts";
import type { ExportSheet } from "./sheet.ts";
import type { Around, Traced } from "./traced.ts";

/** Where steps are traced: how often they happen, and what they draw on. */
export interface Place {
  readonly frame: Frame;
  readonly sheet: ExportSheet;
}

export interface Tracing {
  readonly around: Around;
  readonly root: Place;
  /** What is read of each loop by those around it: path and output. */
  readonly read: ReadonlySet<string>;
  /** A sheet for a part of what the place draws on. */
  sheetIn(place: Pick<Place, "sheet">, word: string): ExportSheet;
  steps(steps: readonly PlanStep[], place: Place): Promise<void>;
  give(path: Path, output: string, traced: Traced): void;
  /** Inside of a loop: the step, or a carried value. */
  giveIn(loop: Path, name: string, traced: Traced): void;
  /** Undefined where a loop gives nothing. */
  value(source: Source): Traced | undefined;
  kindOf(source: Source): Kind | undefined;
  /** Its facts, as far as a size. */
  sizeOf(source: Source): Size | undefined;
  /** What a step gives. */
  madeBy(step: PlanStep): Traced[];
  /** What a loop is told. Throws a GraphError where it is not known. */
  known(source: Source, port: string): Known;
}
