/** The body of a loop as a model of its own: called as one operator that repeats it, or once, as a step. */
import type { Value } from "../nodes/index.ts";
import type { Dim, OnnxModel, OnnxNode, OnnxTensor, ValueInfo } from "../onnx/index.ts";
import { graphBuilder, lower, prune } from "../onnx/index.ts";
import { type Build, composed, type Made } from "../runtime/index.ts";
import { withBranches } from "./branches.ts";
import type { ExportSheet } from "./sheet.ts";

/** A tensor that goes from step to step. */
export interface State {
  readonly name: string;
  readonly dims: readonly Dim[];
  /** Before the first step, on the sheet around. */
  readonly first: Value;
  /** What a step is given, and what it makes of it, on its own sheet. */
  readonly input: Value;
  readonly next: Value;
}

/** A tensor of every turn, on the body's sheet: a Loop puts them behind each other along a new first axis. */
export interface Scan {
  readonly name: string;
  readonly dims: readonly Dim[];
  readonly value: Value;
  /** Those that are wanted of it. */
  readonly turns: readonly number[];
}

interface Content {
  readonly sheet: ExportSheet;
  readonly outside: ExportSheet;
  readonly count: number;
  /** Which step it is, from 0. */
  readonly turn: Value;
  readonly states: readonly State[];
  readonly scans: readonly Scan[];
  /** The clean picture that it predicts. */
  readonly x0: Value | undefined;
}

export class LoopBody {
  readonly states: readonly State[];
  readonly #content: Content;
  readonly #graph: OnnxModel["graph"];
  #model: Promise<OnnxModel> | undefined;

  constructor(content: Content) {
    const { sheet, states, scans, x0 } = content;
    this.#content = content;
    this.states = states;
    const ends = states.map(({ next }, i) => [this.#next(i), next] as const);
    const each = scans.map(({ value }, i) => [this.#turn(i), value] as const);
    this.#graph = sheet.graph(new Map([...ends, ...each, ...(x0 === undefined ? [] : [[this.#x0, x0] as const])]));
  }

  get word(): string {
    return this.#content.sheet.word;
  }

  /** Calls it as a loop: what it leaves of each state, and has of each turn, by their names. */
  callOn(sheet: ExportSheet): ReadonlyMap<string, Value> {
    const part: Made = { make: (build) => this.#loop(build) };
    const firsts = this.states.map(({ first }, i) => [this.#first(i), first] as const);
    const outside = this.#captured.map(({ name }) => [name, name] as const);
    const made = this.#made;
    const outputs = new Map(made.map(({ output, dims }) => [output, dims]));
    const values = sheet.callPart(this.word, part, new Map([...firsts, ...outside]), outputs);
    return new Map(made.map(({ name }, i) => [name, values[i]]));
  }

  /** Calls it once. Each name says what stands for an input or output: a state, a draw, the step. */
  get step(): Made & { readonly captured: readonly string[] } {
    return { make: (build) => this.#body(build), captured: this.#captured.map(({ name }) => name) };
  }

  readonly #next = (i: number) => `${this.word}/next.${i}`;
  readonly #first = (i: number) => `${this.word}/first.${i}`;
  readonly #last = (i: number) => `${this.word}/last.${i}`;
  readonly #turn = (i: number) => `${this.word}/turn.${i}`;
  readonly #all = (i: number) => `${this.word}/all.${i}`;
  get #x0() {
    return `${this.word}/x0`;
  }

  /** Outputs of the loop: what the last turn leaves of each state, and the scans. */
  get #made() {
    const { scans, count } = this.#content;
    return [
      ...this.states.map(({ name, dims }, i) => ({ name, output: this.#last(i), dims })),
      ...scans.map(({ name, dims }, i) => ({ name, output: this.#all(i), dims: [count, ...dims] as readonly Dim[] })),
    ];
  }

  /** Inputs of a single step beside what it takes from outside, and its outputs. */
  get ports() {
    const { turn, sheet, scans, x0 } = this.#content;
    return {
      turn,
      draws: sheet.draws,
      states: this.states.map((state, i) => ({ ...state, output: this.#next(i) })),
      scans: scans.map((scan, i) => ({ ...scan, output: this.#turn(i) })),
      x0: x0 === undefined ? undefined : { output: this.#x0, dims: sheet.shape(x0) },
    };
  }

  dims(value: Value): readonly Dim[] | undefined {
    return this.#content.sheet.facts(value)?.dims;
  }

  /** Values of the sheets around, streams of noise among them. */
  get #captured(): ValueInfo[] {
    const { sheet, outside } = this.#content;
    const streams = sheet.draws.map(({ stream }) => stream);
    return [...new Set([...sheet.imports, ...streams])].map((name) => {
      const { type = "float32", dims } = outside.facts(name) ?? {};
      return dims ? { name, type, dims } : { name, type };
    });
  }

  /** In the form that is fast everywhere, of standard operators alone. */
  #body(build: Build): Promise<OnnxModel> {
    const { calls, networks } = this.#content.sheet;
    this.#model ??= composed({ graph: this.#graph, calls, networks }, build).then((model) => {
      const { graph, ...rest } = lower(model, "portable");
      return { ...rest, graph: withBranches(graph) };
    });
    return this.#model;
  }

  async #loop(build: Build): Promise<OnnxModel> {
    const { count, turn, sheet } = this.#content;
    const { graph, ...model } = await this.#body(build);
    const { op, rows } = drawsOf(sheet, turn);
    const condition = { name: `${this.word}/condition`, type: "bool", dims: [] } as const;
    const goesOn = op.Identity(condition.name);
    const made = this.#made;
    const outputs = [{ ...condition, name: goesOn }, ...graph.outputs.slice(0, made.length)];
    const inputs: ValueInfo[] = [
      { name: turn, type: "int64", dims: [] },
      condition,
      ...this.states.map(({ input, dims }): ValueInfo => ({ name: input, type: "float32", dims })),
    ];
    const body = prune({ ...graph, name: this.word, inputs, outputs, nodes: [...op.nodes, ...graph.nodes] });
    const times = `${this.word}/count`;
    const loop: OnnxNode = {
      ...{ op: "Loop", domain: "", name: this.word, floats: new Set() },
      inputs: [times, "", ...this.states.map((_, i) => this.#first(i))],
      outputs: made.map(({ output }) => output),
      // Weights are the outer graph's, so that they are written once.
      attributes: { body: { ...body, initializers: new Map() } },
    };
    const counted: OnnxTensor = {
      type: "int64",
      dims: [],
      data: new Uint8Array(BigInt64Array.of(BigInt(count)).buffer),
    };
    return {
      ...model,
      graph: {
        name: this.word,
        nodes: [loop],
        inputs: [
          ...this.states.map(({ dims }, i): ValueInfo => ({ name: this.#first(i), type: "float32", dims })),
          ...this.#captured,
        ],
        outputs: made.map(({ output, dims }): ValueInfo => ({ name: output, type: "float32", dims })),
        initializers: new Map([...graph.initializers, ...rows, [times, counted]]),
      },
    };
  }
}

/** The rows of noise that a step takes. */
function drawsOf({ draws, word }: ExportSheet, turn: Value) {
  const op = graphBuilder(`${word}/draws/`);
  for (const { value, stream, rows } of draws) {
    const row = op.Gather(op.int64(rows), turn, { axis: 0 });
    const made = op.Gather(stream, row, { axis: 0 });
    const last = op.nodes.pop()!;
    op.nodes.push({ ...last, outputs: last.outputs.map((name) => (name === made ? value : name)) });
  }
  return { op, rows: op.initializers };
}
