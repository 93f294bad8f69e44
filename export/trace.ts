/**
 * Goes through a plan as a run would, once: what can be known is computed, a value for each turn of the loops around it; all
 * else is drawn. A loop's body is drawn once.
 */
import {
  errorAt,
  type NodeStep,
  outputKey,
  outputsOf,
  type Path,
  type Plan,
  type PlanStep,
  type Source,
} from "../executor/index.ts";
import { type Context, GraphError, type Kind, type Ports, type Size, traitsOf } from "../nodes/index.ts";
import { partsOf } from "../runtime/index.ts";
import { absences, chosenIn } from "./absent.ts";
import { traceDifferentiate } from "./differentiate.ts";
import { FixedBatch } from "./fixed-batch.ts";
import { Frame, type Known, made } from "./frame.ts";
import type { Samples } from "./given.ts";
import { Inputs } from "./inputs.ts";
import { type LoopPart, traceLoop } from "./loop.ts";
import { Names } from "./names.ts";
import { type End, fileIn, type LeftOut, leftOutOf } from "./outputs.ts";
import { readsIn, type Told, toldIn } from "./plan-facts.ts";
import { checkRanges } from "./ranges.ts";
import { ExportSheet } from "./sheet.ts";
import { type Around, entered, type Traced, type Wired } from "./traced.ts";
import type { Place, Tracing } from "./tracing.ts";
import { handedOn, TypedNumbers } from "./typed-numbers.ts";

export interface TraceOptions extends Pick<Around, "network"> {
  readonly context: Pick<Context, "models" | "images" | "tensors" | "signal">;
  readonly samples: Samples;
  /** Numbers that are no inputs, as an earlier trace found. */
  readonly builtIn?: TypedNumbers["builtIn"] | undefined;
}

export class Tracer implements Tracing {
  readonly around: Around;
  readonly names = new Names();
  readonly inputs: Inputs;
  readonly numbers: TypedNumbers;
  readonly root: Place;
  readonly loops: LoopPart[] = [];
  readonly ends: End[] = [];
  readonly leftOut: LeftOut[] = [];
  readonly read: ReadonlySet<string>;
  readonly #told: ReadonlyMap<string, Told>;
  readonly #context: Context;
  readonly #values = new Map<string, Traced>();
  #sheets = 0;
  /** The title of what is traced. */
  #at = "";

  constructor({ steps }: Plan, { context, samples, network, builtIn }: TraceOptions) {
    const sheet = new ExportSheet("g", samples.count, samples.isOpen ? undefined : samples.count);
    this.root = { sheet, frame: new Frame(sheet) };
    this.inputs = new Inputs(sheet, samples, this.names);
    this.numbers = new TypedNumbers(builtIn);
    const parameter: Around["parameter"] = (typed, value) =>
      this.numbers.take(typed, value) ? this.inputs.parameter(typed, value) : undefined;
    const computed: Around["computed"] = (typed) => this.numbers.compute(typed, this.#at);
    this.around = { outermost: this.root.frame, samples, network, parameter, computed };
    this.#context = { ...context, batch: { index: 0, count: 1 }, outputs: nothingSaved };
    this.read = new Set(steps.flatMap(readsIn));
    this.#told = new Map(steps.flatMap(toldIn));
  }

  sheetIn({ sheet }: Pick<Place, "sheet">, word: string): ExportSheet {
    const { count, isOpen } = this.around.samples;
    return new ExportSheet(`${word}${++this.#sheets}`, count, isOpen ? undefined : count, sheet);
  }

  async steps(steps: readonly PlanStep[], place: Place): Promise<void> {
    for (const step of steps) {
      this.#at = step.title;
      try {
        if (step.is === "node") await this.#node(step, place);
        else if (step.is === "loop") this.loops.push(...(await traceLoop(step, place, this)));
        else traceDifferentiate(step, place, this);
      } catch (error) {
        throw error instanceof FixedBatch ? error : errorAt(step.path, error);
      }
    }
  }

  give(path: Path, output: string, traced: Traced): void {
    this.#values.set(outputKey(path, output), traced);
  }

  giveIn(loop: Path, name: string, traced: Traced): void {
    this.#values.set(`in ${loop} ${name}`, traced);
  }

  value(source: Source): Traced | undefined {
    if ("from" in source) return this.#values.get(outputKey(source.from, source.output));
    if ("given" in source) return this.#values.get(`in ${source.by} ${source.given}`);
    return { is: "known", known: { frame: this.root.frame, values: [source.value] }, typed: source.typed };
  }

  kindOf(source: Source): Kind | undefined {
    return this.#toldOf(source)?.kind;
  }

  sizeOf(source: Source): Size | undefined {
    return this.#toldOf(source)?.facts;
  }

  /** A carried value is as what its loop leaves of it. */
  #toldOf(source: Source): Told | undefined {
    if ("from" in source) return this.#told.get(outputKey(source.from, source.output));
    return "given" in source ? this.#told.get(outputKey(source.by, source.given)) : undefined;
  }

  madeBy(step: PlanStep): Traced[] {
    return outputsOf(step).flatMap(({ from, output }) => this.#values.get(outputKey(from, output)) ?? []);
  }

  known(source: Source, port: string): Known {
    const traced = this.value(source);
    if (traced?.is === "known") {
      if (traced.typed) this.around.computed(traced.typed);
      return traced.known;
    }
    throw new GraphError("it depends on what enters the graph, so how many steps there are is not known", port);
  }

  async #node(step: NodeStep, place: Place): Promise<void> {
    const { path, title, definition } = step;
    const inputs = Object.entries(step.inputs).flatMap(([port, source]) => {
      const traced = this.value(source);
      return traced ? [[port, traced] as const] : [];
    });
    if (definition.effect) return this.#leave(step, inputs, place);
    const ports = definition.inputs as Ports;
    checkRanges(ports, inputs);
    const lost = inputs.flatMap(([, traced]) => (traced.is === "lost" ? [traced] : []));
    if (lost.length > 0) return this.#lose(step, lost[0].problem, inputs);
    const values = inputs.map(([, traced]) => (traced.is === "lost" ? undefined : traced.known));
    const isKnown = values.every((known) => known !== undefined);
    if (definition.enters && isKnown) return this.#enter(step, inputs);
    const isRun = !inputs.some(([, traced]) => traced.is === "drawn") && !this.#mustDraw(step, inputs);
    if (isRun) return this.#run(step, inputs);
    if (!definition.draw) {
      const why = definition.undrawn ?? "has no drawn form";
      const problem = new GraphError(`“${title}” cannot be exported: it ${why}`, undefined, path);
      return this.#lose(step, problem, inputs);
    }
    const atHand = isKnown && isOfLabels(definition) ? await this.#computed(definition, inputs) : undefined;
    this.#draw(step, inputs, place, atHand);
  }

  /** Networks are not run here, and tensors of every step would be many. */
  #mustDraw({ definition }: NodeStep, inputs: Wired): boolean {
    const ports = Object.values(definition.outputs as Ports);
    const isLarge = ports.some(({ kind }) => partsOf(kind) || kind === "cond_fn");
    const isTurning = inputs.some(([, traced]) => traced.is === "known" && traced.known.frame !== this.root.frame);
    const hasHandle = inputs.some(([port]) => traitsOf((definition.inputs as Ports)[port].kind)?.handle);
    return definition.draw !== undefined && isLarge && (isTurning || hasHandle);
  }

  async #run({ path, definition }: NodeStep, inputs: Wired): Promise<void> {
    const values = await this.#computed(definition, inputs);
    for (const output of Object.keys(definition.outputs as Ports)) {
      const known = outputOf(values, output, this.root.frame);
      if (known.values.some((value) => value !== undefined))
        this.give(path, output, { is: "known", known, typed: handedOn(definition, inputs) });
    }
  }

  async #computed(definition: NodeStep["definition"], inputs: Wired): Promise<Known> {
    const known = inputs.map(([, traced]) => (traced as { known: Known }).known);
    if (!definition.handsOn)
      for (const [, traced] of inputs) if (traced.is === "known" && traced.typed) this.around.computed(traced.typed);
    const run = (values: readonly unknown[]) =>
      definition.run(Object.fromEntries(inputs.map(([port], i) => [port, values[i]])), this.#context);
    const { frame, values } = made(known, this.root.frame, run);
    return { frame, values: await Promise.all(values) };
  }

  async #enter({ path, title, definition }: NodeStep, inputs: Wired): Promise<void> {
    const { values } = await this.#computed(definition, inputs);
    if (values.length > 1) throw new GraphError(`“${title}” differs from step to step: take it out of the loop`);
    const plain = inputs.flatMap(([port, traced]) => {
      const isPlain = traced.is === "known" && traitsOf((definition.inputs as Ports)[port].kind)?.plain;
      return isPlain ? [[port, traced.known.values[0]] as const] : [];
    });
    const by = { type: definition.type, ...Object.fromEntries(plain) };
    for (const [output, { kind }] of Object.entries(definition.outputs as Ports)) {
      const value = (values[0] as Readonly<Record<string, unknown>>)[output];
      if (value === undefined) continue;
      const known = { frame: this.root.frame, values: [value] };
      const { sheet } = this.root;
      const entering = this.inputs.enter({ path, title, port: output }, kind, value, by);
      if (kind !== "noise") sheet.countBy(entering);
      this.give(path, output, { is: "drawn", kind, sheet, known, value: entering });
    }
  }

  /** `atHand`: what it gives of the inputs at hand. */
  #draw({ path, title, definition }: NodeStep, inputs: Wired, { frame, sheet }: Place, atHand?: Known): void {
    const ports = definition.inputs as Ports;
    const drawn = (without: readonly string[]) =>
      sheet.op.within(path, () => {
        const given = inputs.filter(([port]) => !without.includes(port));
        const values = given.map(([port, traced]) => [port, entered(ports[port].kind, traced, sheet, this.around)]);
        return definition.draw!(Object.fromEntries(values), sheet) as Readonly<Record<string, unknown>>;
      });
    const here = drawn([]);
    const without = absences(definition, inputs, frame, this.around).map(({ turns, ports }) => ({
      ...{ turns, values: drawn(ports) },
    }));
    for (const [output, { kind }] of Object.entries(definition.outputs as Ports)) {
      const value = without.reduce(
        (other, { turns, values }) => chosenIn(turns, kind, values[output], other, { frame, sheet }),
        here[output],
      );
      if (value === undefined) continue;
      const known = atHand && { known: outputOf(atHand, output, this.root.frame) };
      this.give(path, output, { ...{ is: "drawn", kind, sheet, node: { path, title } }, ...known, value: () => value });
    }
  }

  /** What cannot be drawn may be shown or saved by nodes that are left out; whoever needs it says why. */
  #lose({ path, title, definition }: NodeStep, problem: GraphError, inputs: Wired): void {
    const behind = inputs.flatMap(([, traced]) => (traced.is === "known" ? [] : [traced]));
    for (const output of Object.keys(definition.outputs as Ports))
      this.give(path, output, { is: "lost", problem, behind, node: { path, title } });
  }

  #leave(step: NodeStep, inputs: Wired, { frame }: Place): void {
    const isInside = frame !== this.root.frame;
    this.leftOut.push(leftOutOf(step, isInside));
    const ports = step.definition.inputs as Ports;
    if (!isInside)
      for (const [port, traced] of inputs)
        this.ends.push({ node: step, port, kind: ports[port].kind, traced, file: fileIn(inputs) });
  }
}

/** Noise is made for labels, and is that of the labels at hand, however they came about. */
const isOfLabels = ({ outputs }: NodeStep["definition"]): boolean =>
  Object.values(outputs as Ports).every(({ kind }) => kind === "labels");

const outputOf = (values: Known, output: string, outermost: Frame): Known =>
  made([values], outermost, ([all]) => (all as Readonly<Record<string, unknown>>)[output]);

const nothingSaved: Context["outputs"] = {
  preview() {},
  async png() {},
  async npz() {},
  async tensor() {},
  async measure() {},
};
