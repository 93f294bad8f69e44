/** The inputs of an exported graph: what enters it, its value in the run at hand, and what whoever feeds it must know. */
import type { Noise, Pictures, Tensor } from "../diffusion/index.ts";
import type { Typed } from "../executor/index.ts";
import { GraphError, type Kind, type Labels, labelsFor, type Value } from "../nodes/index.ts";
import type { Dim } from "../onnx/index.ts";
import { type NpyArray, readPictures } from "../runtime/index.ts";
import type { Samples } from "./given.ts";
import type { Names } from "./names.ts";
import { NoiseStream } from "./noise-stream.ts";
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
  readonly #names: Names;
  readonly #made: (() => GraphInput)[] = [];
  readonly #parameters = new Map<string, Value>();

  constructor(sheet: ExportSheet, samples: Samples, names: Names) {
    this.#sheet = sheet;
    this.#samples = samples;
    this.#names = names;
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
        return new NoiseStream(value as Noise, sheet, this.#samples, (rows) => {
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
    return this.#names.free(name, `${title}.${port}`, `${path}.${port}`);
  }
}

const whole = (dims: readonly number[], data: NpyArray["data"]): AtHand => ({ dims, values: () => [data] });

function* drawn(noise: Noise, rows: readonly number[]): Generator<NpyArray["data"]> {
  for (const row of rows) yield noise.draw(row).data.slice();
}
