/** Noise that enters a graph: the draws that it takes of a stream are rows of one input, in the order in which they are first met. */
import type { Noise, Step } from "../diffusion/index.ts";
import type { DrawnNoise, Given, Value } from "../nodes/index.ts";
import { type Frame, hole } from "./frame.ts";
import type { Samples, Tabled } from "./given.ts";
import type { ExportSheet } from "./sheet.ts";

/** A stream whose draws may be asked for on any sheet. */
export interface MovedNoise extends DrawnNoise {
  drawOn(sheet: ExportSheet, step: Given<Step>, factor?: Given<number>): Value;
}

export class NoiseStream implements MovedNoise {
  readonly #noise: Noise;
  readonly #home: ExportSheet;
  readonly #samples: Samples;
  readonly #input: (rows: readonly number[]) => Value;
  readonly #rows: number[] = [];
  readonly #taken = new Map<string, Value>();
  #value: Value | undefined;

  constructor(noise: Noise, home: ExportSheet, samples: Samples, input: (rows: readonly number[]) => Value) {
    this.#noise = noise;
    this.#home = home;
    this.#samples = samples;
    this.#input = input;
  }

  draw(step: Given<Step>, factor?: Given<number>): Value {
    return this.drawOn(this.#home, step, factor);
  }

  drawOn(sheet: ExportSheet, step: Given<Step>, factor?: Given<number>): Value {
    const { op } = sheet;
    const steps = step as Tabled<Step>;
    const times = factor as Tabled<number> | undefined;
    const wanted = times
      ? steps.and(times).map(([{ draw }, factor]) => (factor === 0 ? undefined : draw))
      : steps.map(({ draw }): number | undefined => draw);
    const { frame, values } = wanted.known;
    const numbers = values.map((draw) => (draw === hole ? undefined : draw));
    if (numbers.every((draw) => draw === undefined)) return op.float(0);
    // Where none is wanted any will do.
    const rows = numbers.map((draw) => (draw === undefined ? 0 : this.#row(draw)));
    this.#value ??= this.#input(this.#rows);
    const key = `${frame.sheet.word} ${rows}`;
    const z = this.#taken.get(key) ?? this.#draw(frame, this.#value, rows);
    this.#taken.set(key, z);
    const here = sheet.import(z, frame.sheet);
    return times
      ? op.Mul(
          times.on(sheet).number((factor) => factor),
          here,
        )
      : here;
  }

  /** A step of a loop is given its draw, so that it can be a graph of its own. */
  #draw(frame: Frame, stream: Value, rows: readonly number[]): Value {
    const { sheet } = frame;
    const isInOneLoop = frame.outer !== undefined && frame.outer.outer === undefined;
    if (!isInOneLoop)
      return sheet.op.Gather(sheet.import(stream, this.#home), frame.wholeNumber(sheet, rows), { axis: 0 });
    const dims = this.#home.dimsOf(this.#noise.dims, this.#samples.count);
    const value = sheet.op.input(`${sheet.word}/draw${sheet.draws.length}`, "float32", dims);
    sheet.draws.push({ value, stream, rows });
    return value;
  }

  #row(draw: number): number {
    const known = this.#rows.indexOf(draw);
    return known >= 0 ? known : this.#rows.push(draw) - 1;
  }
}
