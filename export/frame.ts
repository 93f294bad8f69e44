/** How often something is computed: once for the whole graph, or once in each turn of the loops around it. */
import type { Value } from "../nodes/index.ts";
import type { ExportSheet } from "./sheet.ts";

/** Weights are written as they are; what a graph computes for every step beforehand is not to outgrow them. */
const mostTableBytes = 2 ** 28;

export class Frame {
  /** How many turns there are in all: of a loop in a loop, those of every turn of the outer one. */
  readonly turns: number;

  /** `index`: which of the turns it is, an int64 scalar of the sheet; of the outermost frame none. */
  constructor(
    readonly sheet: ExportSheet,
    readonly outer?: Frame,
    /** Turns of this loop alone. */
    readonly count = 1,
    readonly index?: Value,
  ) {
    this.turns = (outer?.turns ?? 1) * count;
  }

  isWithin(frame: Frame): boolean {
    return frame === this || (this.outer?.isWithin(frame) ?? false);
  }

  /** On a sheet, the row that belongs to the turn, of one for each; a constant where all are alike. Rows are of `dims`. */
  row(sheet: ExportSheet, rows: readonly Float32Array[], dims: readonly number[]): Value {
    const [first] = rows;
    const isConstant = rows.every((row) => row === first || row.every((value, i) => Object.is(value, first[i])));
    if (isConstant) return sheet.op.float([...first], dims);
    const bytes = rows.length * first.length * 4;
    if (bytes > mostTableBytes)
      throw new RangeError(`a value that differs from step to step would take ${bytes} bytes in the file`);
    const key = `${this.sheet.word} ${dims}: ${rows.map((row) => row.join()).join(";")}`;
    const table = () =>
      sheet.op.float(
        rows.flatMap((row) => [...row]),
        [rows.length, ...dims],
      );
    const value = sheet.tables.get(key) ?? this.#taken(sheet, table());
    sheet.tables.set(key, value);
    return value;
  }

  /** The whole number that belongs to the turn, an int64 scalar. */
  wholeNumber(sheet: ExportSheet, numbers: readonly number[]): Value {
    const isConstant = numbers.every((number) => number === numbers[0]);
    return isConstant ? sheet.op.int64(numbers[0]) : this.#taken(sheet, sheet.op.int64(numbers));
  }

  #taken(sheet: ExportSheet, table: Value): Value {
    return sheet.op.Gather(table, sheet.import(this.index!, this.sheet), { axis: 0 });
  }
}

/** A turn in which there is no value: the first of a loop, of what only the turn before gives. */
export const hole = Symbol("no value");

/** What is known before anything runs: a value for each turn of a frame. */
export interface Known<T = unknown> {
  readonly frame: Frame;
  readonly values: readonly (T | typeof hole)[];
}

const innermost = (frames: readonly Frame[]): Frame =>
  frames.reduce((inner, frame) => (frame.isWithin(inner) ? frame : inner));

/** The values as they are in the turns of a frame within. */
export const within = <T>({ frame, values }: Known<T>, inner: Frame): Known<T> =>
  frame === inner
    ? { frame, values }
    : {
        frame: inner,
        values: Array.from({ length: inner.turns }, (_, k) => values[Math.floor((k * frame.turns) / inner.turns)]),
      };

/** Made of known values, turn by turn; turns whose values are those of the turn before share what is made. */
export function made<T>(inputs: readonly Known[], outermost: Frame, make: (values: readonly unknown[]) => T): Known<T> {
  const frame = innermost([outermost, ...inputs.map(({ frame }) => frame)]);
  const all = inputs.map((known) => within(known, frame).values);
  const values: (T | typeof hole)[] = [];
  for (let k = 0; k < frame.turns; k++) {
    const isAlike = k > 0 && all.every((one) => one[k] === one[k - 1]);
    const given = all.map((one) => one[k]);
    values.push(isAlike ? values[k - 1] : given.includes(hole) ? hole : make(given));
  }
  return { frame, values };
}

/** The one value of all turns; undefined where they differ. */
export function constantOf<T>({ values }: Known<T>): T | undefined {
  const [first] = values;
  return first !== hole && values.every((value) => value === first) ? first : undefined;
}
