/** The inputs of an exported graph: what enters it, its value in the run at hand, and what whoever feeds it must know. */
import type { Noise, Pictures, Step, Tensor } from "../diffusion/index.ts";
import type { Typed } from "../executor/index.ts";
import {
  type DrawnNoise,
  type Given,
  GraphError,
  type Kind,
  type Labels,
  labelsFor,
  type Value,
} from "../nodes/index.ts";
import type { Dim } from "../onnx/index.ts";
import { type NpyArray, readPictures } from "../runtime/index.ts";
import { type Frame, hole } from "./frame.ts";
import type { Samples, Tabled } from "./given.ts";
import type { ExportSheet } from "./sheet.ts";

export interface GraphInput {
  readonly name: string;
  readonly type: "float32" | "int64" | "uint8";
  /** The batch by its name, where any will do. */
  readonly dims: readonly Dim[];
  readonly is: "tensor" | "noise" | "labels" | "image" | "number";
  /** The node by which it enters, and its output or parameter. */
  readonly node: Typed;
  /** Of a noise stream: the number of the draw in each row. */
  readonly draws?: readonly number[];
  /** How the value at hand was made. */
  readonly made?: MadeBy;
  readonly atHand: AtHand;
}

/** A value of the run at hand: its dimensions, and its numbers piece by piece. */
export interface AtHand {
  readonly dims: readonly number[];
  values(): Iterable<NpyArray["data"]>;
}

/** A type of node, and its parameters. */
export interface MadeBy {
  readonly type: string;
  readonly [parameter: string]: unknown;
}

export class Inputs {
  readonly #sheet: ExportSheet;
  readonly #samples: Samples;
  readonly #made: (() => GraphInput)[] = [];
  readonly #names = new Set<string>();
  readonly #parameters = new Map<string, Value>();

  constructor(sheet: ExportSheet, samples: Samples) {
    this.#sheet = sheet;
    this.#samples = samples;
  }

  /** As they stand when all is traced. */
  get all(): GraphInput[] {
    return this.#made.map((input) => input());
  }

  /** What a node lets in, as nodes see it that are drawn. It becomes an input when it is first asked for. */
  enter(node: Typed, kind: Kind, value: unknown, made: MadeBy): () => unknown {
    let entered: unknown;
    return () => {
      entered ??= this.#enter(node, kind, value, made);
      return entered;
    };
  }

  /** An input for a number that was typed. */
  parameter(node: Typed, value: number): Value {
    const key = `${node.path} ${node.port}`;
    const known = this.#parameters.get(key);
    if (known !== undefined) return known;
    const name = this.#free(`${node.title}.${node.port}`, node);
    const atHand = whole([], Float32Array.of(value));
    this.#parameters.set(key, name);
    return this.#declare({ name, type: "float32", dims: [], is: "number", node, atHand });
  }

  #enter(node: Typed, kind: Kind, value: unknown, made: MadeBy): unknown {
    const { count } = this.#samples;
    const sheet = this.#sheet;
    switch (kind) {
      case "tensor": {
        const { dims, data } = value as Tensor;
        const name = this.#free(node.port, node);
        const atHand = whole(dims, data.slice());
        return this.#declare({
          name,
          type: "float32",
          dims: sheet.dimsOf(dims, count),
          is: "tensor",
          node,
          made,
          atHand,
        });
      }
      case "labels": {
        const name = this.#free("labels", node);
        const { values } = value as Labels;
        const each = BigInt64Array.from(this.#samples.isMixed ? values : labelsFor(values, count), BigInt);
        const atHand = whole([each.length], each);
        const labels = this.#declare({
          ...{ name, type: "int64", dims: sheet.dimsOf([each.length], count), is: "labels", node, made, atHand },
        });
        return { each: (_: unknown, of?: Value) => sheet.labelsFor(labels, of) };
      }
      case "image": {
        const { dims, data } = value as Pictures;
        const name = this.#free("image", node);
        const atHand = whole(dims, data.slice());
        const bytes = this.#declare({
          ...{ name, type: "uint8", dims: sheet.dimsOf(dims, count), is: "image", node, made, atHand },
        });
        return readPictures(sheet.op, dims[3], bytes);
      }
      case "noise":
        return new Stream(value as Noise, sheet, this.#samples, (rows) => {
          const { dims } = value as Noise;
          const name = this.#free("noise", node);
          sheet.op.input(name, "float32", [`${name} draws`, ...sheet.dimsOf(dims, count)]);
          this.#made.push(() => ({
            ...{ name, type: "float32", dims: [rows.length, ...sheet.dimsOf(dims, count)], is: "noise", node, made },
            draws: rows,
            atHand: { dims: [rows.length, ...dims], values: () => drawn(value as Noise, rows) },
          }));
          return name;
        });
      default:
        throw new GraphError(`a ${kind} cannot be an input of an exported graph`);
    }
  }

  #declare(input: GraphInput): Value {
    this.#made.push(() => input);
    this.#sheet.op.input(input.name, input.type, input.dims);
    this.#sheet.counts(input.name);
    return input.name;
  }

  #free(name: string, { path, title, port }: Typed): string {
    const free = [name, `${title}.${port}`, `${path}.${port}`].find((one) => !this.#names.has(one))!;
    this.#names.add(free);
    return free;
  }
}

const whole = (dims: readonly number[], data: NpyArray["data"]): AtHand => ({ dims, values: () => [data] });

function* drawn(noise: Noise, rows: readonly number[]): Generator<NpyArray["data"]> {
  for (const row of rows) yield noise.draw(row).data.slice();
}

/** A stream whose draws may be asked for on any sheet. */
export interface MovedNoise extends DrawnNoise {
  drawOn(sheet: ExportSheet, step: Given<Step>, factor?: Given<number>): Value;
}

/** The draws that a graph takes of a stream are rows of one input, in the order in which they are first met. */
class Stream implements MovedNoise {
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
