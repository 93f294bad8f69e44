/** Runs the steps of a plan over numbered slots: a node is one call, a loop its body once for each index. */
import { type Context, checkGiven, GraphError, type Port, type Preview, type ValueOf } from "../nodes/index.ts";
import type { Values } from "./cache.ts";
import { Demand, lazyInputs } from "./demand.ts";
import { drawnOp } from "./drawn-op.ts";
import { Loading } from "./handles.ts";
import { boundOf, indices, type Rows } from "./indices.ts";
import { NodeContext } from "./node-context.ts";
import { countFlat, eager, notSpent, type Op, type Position, type Surroundings } from "./op.ts";
import { OpRunner } from "./op-runner.ts";
import { checkThere, checkWired } from "./parameters.ts";
import { releases, slots } from "./slots.ts";
import { turnsOf } from "./together.ts";
import type { LoopStep, NodeStep, Path, Plan, PlanStep, RunEvent } from "./types.ts";

export class Evaluator {
  readonly ops: readonly Op[];
  batch: Context["batch"] = { index: 0, count: 1 };
  readonly #slots = slots();
  readonly #values: unknown[];
  readonly #plan: Plan;
  readonly #around: Surroundings;
  readonly #loading: Loading;
  readonly #runner: OpRunner;
  #position: Pick<Position, "index" | "count"> = {};
  /** In a loop: which step it is of all that the loops around come to. */
  #turn: number | undefined;
  #read: ReadonlySet<number> | undefined;

  constructor(plan: Plan, around: Surroundings) {
    this.#around = around;
    this.#plan = plan;
    this.#loading = new Loading(plan);
    this.#runner = new OpRunner(around, (error) => this.#loading.placeOf(error));
    this.ops = plan.steps.map((step) => this.#op(step));
    this.#values = this.#slots.initial();
  }

  /** Runs one op, whose inputs are there. Throws a GraphError with the path of the node that failed. */
  run(op: Op): Promise<void> {
    return this.#runner.run(op);
  }

  /** Shows once more what was seen when a step was computed that is now taken from the cache. */
  show(path: Path, output: string, value: unknown): void {
    if (value !== undefined) this.#shower(path, output)?.(value);
  }

  release(slots: readonly number[]): void {
    for (const slot of slots) this.#values[slot] = undefined;
  }

  #op(step: PlanStep): Op {
    if (step.is === "loop") return this.#loopOp(step);
    if (step.is === "node") return this.#nodeOp(step);
    const { world } = this.#around;
    const show = (path: Path, output: string) => this.#shower(path, output);
    return drawnOp(step, { slots: this.#slots, values: () => this.#values, show, models: world.models });
  }

  #nodeOp(step: NodeStep): Op {
    const { path, definition } = step;
    const entries = Object.entries(step.inputs);
    const names = entries.map(([name]) => name);
    const slots = entries.map(([, source]) => this.#slots.of(source));
    const spared = lazyInputs(step);
    const [reads, lazy] = [false, true].map((isLazy) => slots.filter((_, i) => spared.includes(names[i]) === isLazy));
    const wired = entries.flatMap(([name, source], i) => {
      const port = definition.inputs[name] as Port;
      return port.parameter && !("value" in source) ? [{ name, port, slot: slots[i] }] : [];
    });
    const required = names.filter((name) => !definition.inputs[name]?.optional);
    const [always, perhaps] = [false, true].map((isLazy) =>
      required.filter((name) => spared.includes(name) === isLazy),
    );
    const gathered = () => {
      const inputs: Record<string, unknown> = {};
      for (let i = 0; i < names.length; i++) inputs[names[i]] = this.#values[slots[i]];
      for (const name of always) checkThere(name, inputs[name]);
      for (const { name, port, slot } of wired) checkWired(name, port, this.#values[slot]);
      return inputs;
    };
    const needs = () => {
      const needed = definition.needs?.(gathered());
      return needed ? slots.filter((_, i) => needed.includes(names[i])) : lazy;
    };
    const outputs = this.#outputs(path, Object.keys(definition.outputs), (name) => definition.outputs[name].optional);
    const gradients = Object.entries<Port>(definition.outputs).filter(([, { meaning }]) => meaning === "gradient");
    const load = this.#loading.of(step);
    const spent = notSpent();
    const end = (values: Values): Promise<void> | undefined => {
      checkGiven(definition, values);
      countFlat(
        spent,
        gradients.map(([name]) => values[name]),
      );
      outputs.restore(values);
      return load?.(values);
    };
    let context = this.#context(path);
    const execute = () => {
      const inputs = gathered();
      const needed = perhaps.length > 0 ? (definition.needs?.(inputs) ?? perhaps) : [];
      for (const name of perhaps) if (needed.includes(name)) checkThere(name, inputs[name]);
      if (context.batch !== this.batch) context = this.#context(path);
      const result = definition.run(inputs, context);
      return result instanceof Promise ? result.then(end) : end(result);
    };
    return { step, reads, lazy, needs, execute, ...outputs, body: [], spent };
  }

  #loopOp(step: LoopStep): Op {
    const { path, inner: number } = step;
    const [schedule, order, start, stop] = [step.schedule, step.order, step.start, step.stop].map(this.#slots.of);
    const carried = Object.entries(step.carried).map(([name, { first, next }]) => ({
      now: this.#slots.given(path, name),
      first: first && this.#slots.of(first),
      next: this.#slots.of(next),
      show: this.#shower(path, name),
    }));
    const last = Object.values(step.outputs).map(this.#slots.of);
    const names = [...Object.keys(step.carried), ...Object.keys(step.outputs)];
    const outputs = this.#outputs(path, names, () => true);
    const givenStep = this.#slots.given(path, "step");
    const once = step.once.map((inner) => this.#op(inner));
    const each = step.each.map((inner) => this.#op(inner));
    const body = [...once, ...each];

    const ends = [...carried.map(({ next }) => next), ...last];
    const later = new Set([...ends, ...each.flatMap(({ reads, lazy }) => [...reads, ...lazy])]);
    const { targets } = this.#around;
    const [before, turns] = [turnsOf(once, this.#plan), turnsOf(each, this.#plan)];
    const [first, again] = [new Demand(before, later, targets), new Demand(turns, ends, targets)];
    const afterOnce = releases(before, later, first.askers);
    const afterEach = releases(turns, new Set(ends), again.askers);
    const release = (slots: readonly number[]) => this.release(slots);
    const inside = [givenStep, ...carried.map(({ now }) => now), ...body.flatMap(({ writes }) => writes)];
    const firsts = carried.flatMap(({ first }) => first ?? []);
    const insideReads = body.flatMap(({ reads, lazy }) => [...reads, ...lazy]);
    const reads = [schedule, order, start, stop, ...firsts, ...ends, ...insideReads];

    const execute = async () => {
      const values = this.#values;
      const rows = values[schedule] as ValueOf<"schedule">;
      const [from, to] = [boundOf(step.start, values[start] as number), boundOf(step.stop, values[stop] as number)];
      const walk = indices(rows as Rows, values[order] as string, from, to);
      const [outer, turn] = [this.#position, this.#turn];
      const steps = rows.along(walk, number === undefined ? undefined : { number, turn: turn ?? 0 });
      const count = steps.length;
      await this.#runner.runList(first, afterOnce, release);
      let left: unknown[] = [];
      for (const { now, first } of carried) values[now] = first === undefined ? undefined : values[first];
      for (let index = 0; index < count; index++) {
        const started = performance.now();
        this.#position = { index, count };
        this.#turn = (turn ?? 0) * count + index;
        values[givenStep] = steps[index];
        await this.#runner.runList(again, afterEach, release);
        const next = carried.map((value) => values[value.next]);
        // As the last step was given it, where it is what the step before carried: so before that is overwritten.
        if (index === count - 1) left = last.map((slot) => values[slot]);
        for (let i = 0; i < carried.length; i++) {
          values[carried[i].now] = next[i];
          carried[i].show?.(next[i]);
        }
        const ms = performance.now() - started;
        this.#around.emit({ type: "step", path, index, count, ms });
      }
      [this.#position, this.#turn] = [outer, turn];
      const ended = [...carried.map(({ now }) => values[now]), ...left];
      this.release(inside);
      restore(Object.fromEntries(names.map((name, i) => [name, ended[i]])));
    };
    // Who reads it may be another than when it was kept.
    const restore = (values: Values): undefined => {
      // What is carried for later steps alone, as the last predictions are, need not be there after a few.
      const absent = names.find((name, i) => values[name] === undefined && this.#isRead(outputs.writes[i]));
      if (absent !== undefined)
        throw new GraphError(`It ends with nothing for "${absent}": no step has given or collected any`, absent);
      return outputs.restore(values);
    };
    return { step, reads, ...eager, execute, ...outputs, restore, body, spent: notSpent() };
  }

  /** Whether some op, however deep in loops, reads what another one writes there. */
  #isRead(slot: number): boolean {
    const readsOf = (ops: readonly Op[]): number[] =>
      ops.flatMap(({ reads, lazy, body }) => [...reads, ...lazy, ...readsOf(body)]);
    this.#read ??= new Set(readsOf(this.ops));
    return this.#read.has(slot);
  }

  /** The slots of a step's outputs, and what looks at them. */
  #outputs(path: Path, names: readonly string[], mayBeAbsent: (name: string) => boolean) {
    const writes = names.map((name) => this.#slots.output(path, name));
    const shows = names.map((name) => this.#shower(path, name));
    const result = (): Values => Object.fromEntries(names.map((name, i) => [name, this.#values[writes[i]]]));
    const restore = (values: Values): undefined => {
      for (let i = 0; i < names.length; i++) {
        const value = values[names[i]];
        if (value === undefined && !mayBeAbsent(names[i])) throw new TypeError(`It gave no output "${names[i]}"`);
        this.#values[writes[i]] = value;
        if (value !== undefined) shows[i]?.(value);
      }
    };
    return { writes, result, restore };
  }

  /** Shows a value to those who watch it; undefined when nobody does. */
  #shower(path: Path, output: string): ((value: unknown) => void) | undefined {
    const watches = this.#around.watch.filter((watch) => watch.path === path && watch.output === output);
    if (watches.length === 0) return undefined;
    return (value) => {
      this.#around.saw(path, output, value);
      for (const { watch } of watches) {
        const pictures = watch.see(value, { batch: this.batch.index, ...this.#position });
        if (pictures) this.#emit({ type: "preview", path: watch.path, pictures });
      }
    };
  }

  #context(path: Path): Context {
    const { world, signal } = this.#around;
    const { batch } = this;
    return new NodeContext(world, signal, batch, () => world.outputs(path, batch, (event) => this.#emit(event)));
  }

  #emit(event: RunEvent | Preview): void {
    const { index } = this.#position;
    const inLoop = event.type === "preview" && index !== undefined && event.index === undefined;
    this.#around.emit(inLoop ? { ...event, index } : event);
  }
}
