/** A Sampling Loop as one operator: its body drawn once, what a step is told as tables with a row a step. */
import type { Schedule, Step } from "../diffusion/index.ts";
import { boundOf, indices, type LoopStep, outputKey, type Rows, type Source } from "../executor/index.ts";
import { type DrawnPrediction, type Given, GraphError, type Kind, type Value } from "../nodes/index.ts";
import type { Dim } from "../onnx/index.ts";
import { batchDim, type Parts, partsOf } from "../runtime/index.ts";
import { absentTurns } from "./absent.ts";
import { collected, collectingIn } from "./collected.ts";
import { Frame, hole, type Known, within } from "./frame.ts";
import { Tabled } from "./given.ts";
import { LoopBody, type Scan, type State } from "./loop-body.ts";
import type { ExportSheet } from "./sheet.ts";
import { entered, type Traced } from "./traced.ts";
import type { Place, Tracing } from "./tracing.ts";

/** A loop of the graph that is in no other one. */
export interface LoopPart {
  readonly path: string;
  readonly title: string;
  readonly steps: readonly Step[];
  readonly body: LoopBody;
}

/** A value that goes from step to step, or that the last one leaves. */
interface Carried {
  readonly name: string;
  readonly kind: Kind;
  readonly parts: Parts;
  readonly first: Traced | undefined;
  readonly next: Source;
  /** In how many of the first turns it is absent. */
  readonly absent: number;
  /** The tensors that it is made of, as far as anybody asks for them. */
  readonly states: Map<string, Omit<State, "next">>;
  readonly isKept: boolean;
}

/** The loop itself, where it is in no other one. */
export async function traceLoop(step: LoopStep, place: Place, tracer: Tracing): Promise<LoopPart[]> {
  const { path, title } = step;
  const { sheet } = place;
  const steps = stepsOf(step, place, tracer);
  const count = steps.length / place.frame.turns;

  const inner = tracer.sheetIn(place, "step");
  const turn = inner.op.input(`${inner.word}/i`, "int64", []);
  const frame = innerFrame(place, inner, turn, count);
  const at: Place = { frame, sheet: inner };
  await tracer.steps(step.once, place);
  tracer.giveIn(path, "step", { is: "known", known: { frame, values: steps } });

  const isRead = (name: string) => tracer.read.has(outputKey(path, name));
  const collecting = collectingIn(step);
  const carried = Object.entries(step.carried)
    .filter(([name]) => !collecting.some((one) => one.name === name))
    .map(([name, { first, next }]) =>
      carriedOf(name, { first, next, absent: absentTurns(name, step), isKept: isRead(name) }, place, tracer),
    );
  for (const one of carried) giveCarried(one, path, steps, place, at, tracer);
  await tracer.steps(step.each, at);

  const last = Object.entries(step.outputs).map(([name, next]) =>
    carriedOf(name, { first: undefined, next, absent: count, isKept: true }, place, tracer),
  );
  const all = [...carried, ...last];
  for (const one of last) for (const part of one.parts.names) stateOf(one, part, place, at, tracer);
  const ends = new Map(all.map((one) => [one, endOf(one, at, tracer)] as const));
  for (const one of carried) if (one.isKept) for (const part of one.parts.names) stateOf(one, part, place, at, tracer);
  const states = statesOf(all, ends, at);
  const scans: Scan[] = [];
  for (const one of collecting.filter(({ name }) => isRead(name))) {
    const made = collected(one, count, place, at, tracer);
    if ("scan" in made) scans.push(made.scan);
    // Put together once, whoever reads it, when there are outputs.
    let whole: Value | undefined;
    const value = () => {
      if ("scan" in made) whole ??= made.after(outputs.get(one.name)!);
      return whole;
    };
    tracer.give(path, one.name, "scan" in made ? { is: "drawn", kind: "tensor", sheet, value } : made);
  }

  const x0 = x0In(step, tracer, inner);
  const body = new LoopBody({ sheet: inner, outside: sheet, count, turn, states, scans, x0 });
  const outputs = body.callOn(sheet);
  for (const one of all) {
    const end = ends.get(one) as { readonly step?: Tabled<Step> };
    if (carried.includes(one)) checkStep(one, end.step, steps, at);
    const lastStep =
      end.step &&
      new Tabled(lastOf(end.step.known, place.frame, count), tracer.root.frame, sheet, tracer.around.samples);
    const value = one.parts.make((part) => outputs.get(one.states.get(part)!.name)!, end as never, lastStep as never);
    tracer.give(path, one.name, { is: "drawn", kind: one.kind, sheet, value: () => value });
  }
  return place.frame === tracer.root.frame ? [{ path, title, steps, body }] : [];
}

/** What comes next of each state; to know it may ask for others. Throws a GraphError for one of another size than it began with. */
function statesOf(all: readonly Carried[], ends: ReadonlyMap<Carried, unknown>, { sheet }: Place): State[] {
  const count = () => all.reduce((sum, { states }) => sum + states.size, 0);
  const found = () =>
    all.flatMap((one) =>
      [...one.states].map(([part, state]): State => ({ ...state, next: one.parts.of(ends.get(one) as never, part) })),
    );
  let states = found();
  while (states.length < count()) states = found();
  for (const { name, dims, next } of states) {
    const later = sheet.shape(next);
    const differs = (dim: Dim, axis: number) =>
      dim !== later[axis] && (axis === 0 || (typeof dim === "number" && typeof later[axis] === "number"));
    if (dims.length !== later.length || dims.some(differs))
      throw new GraphError(
        `“${name}” begins as ${dims.join("×")} and is ${later.join("×")} after a step, which an export cannot carry`,
        name,
      );
  }
  return states;
}

/** The steps of every turn of the frame around it, one after the other. */
function stepsOf(step: LoopStep, { frame }: Place, tracer: Tracing): Step[] {
  const { schedule, order, start, stop, inner: number } = step;
  const ports = Object.entries({ schedule, order, start, stop });
  const told = ports.map(([port, source]) => tracer.known(source, port));
  const turns = told.map((known) => within(known, frame).values);
  const all = Array.from({ length: frame.turns }, (_, turn) => {
    const [rows, order, from, to] = turns.map((values) => values[turn]) as [Schedule, string, number, number];
    const walk = indices(rows as Rows, order, boundOf(start, from), boundOf(stop, to));
    return rows.along(walk, number === undefined ? undefined : { number, turn });
  });
  if (all.some(({ length }) => length !== all[0].length))
    throw new GraphError("the number of its steps differs from turn to turn, which an export cannot say", "order");
  return all.flat();
}

function innerFrame({ frame, sheet }: Place, inner: ExportSheet, turn: Value, count: number): Frame {
  if (frame.index === undefined) return new Frame(inner, frame, count, turn);
  const { op } = inner;
  const begun = op.Mul(inner.import(frame.index, sheet), op.int64(count));
  return new Frame(inner, frame, count, op.Add(begun, turn));
}

function carriedOf(
  name: string,
  { first, ...rest }: Pick<Carried, "next" | "absent" | "isKept"> & { readonly first: Source | undefined },
  { frame }: Place,
  tracer: Tracing,
): Carried {
  const { next } = rest;
  const given = first && tracer.value(first);
  const kind = (given?.is === "drawn" ? given.kind : undefined) ?? tracer.kindOf(next) ?? "number";
  const parts = partsOf(kind);
  if (!parts) {
    const instead = kind === "number" ? ": let a Formula make a tensor of it, and carry that" : "";
    throw new GraphError(
      `“${name}” is a ${kind}; of what a loop carries, tensors and predictions can be exported${instead}`,
      name,
    );
  }
  if (given?.is === "lost") throw given.problem;
  if (given?.is === "drawn" && given.absent && frame.isWithin(given.absent.frame))
    throw new GraphError(`“${name}” has no first value in the first step of the loop around`, name);
  return { ...rest, name, kind, parts, first: given, states: new Map() };
}

/** The state that carries a part of a value, which is made when it is asked for. */
function stateOf(one: Carried, part: string, place: Place, { sheet: inner }: Place, tracer: Tracing): Value {
  const known = one.states.get(part);
  if (known) return known.input;
  const { sheet } = place;
  const name = part === "" ? one.name : `${one.name}.${part}`;
  const first = one.first ? one.parts.of(entered(one.kind, one.first, sheet, tracer.around) as never, part) : undefined;
  const dims = first !== undefined ? sheet.shape(first) : dimsOf(one, tracer);
  const begun = first ?? sheet.zeros(dims);
  const input = inner.op.input(`${inner.word}/state${inner.op.inputs.length}`, "float32", dims);
  inner.counts(input);
  one.states.set(part, { name, first: begun, input, dims });
  return input;
}

/** Of what has no first value: as the facts of what comes next say. */
function dimsOf({ name, next }: Carried, tracer: Tracing): readonly Dim[] {
  const drawn = tracer.value(next);
  const facts = tracer.sizeOf(next);
  const { batch, channels, height, width } = facts ?? {};
  const { count, isOpen } = tracer.around.samples;
  if (drawn?.is === "drawn" && drawn.kind === "tensor") return drawn.sheet.shape(drawn.value() as Value);
  if (channels === undefined || height === undefined || width === undefined)
    throw new GraphError(`how large “${name}” is, is not known before it runs`, name);
  return [isOpen && batch === count ? batchDim : (batch ?? batchDim), channels, height, width];
}

/** What the body is given under a carried name. The step of a prediction is taken to be that of the turn before. */
function giveCarried(
  one: Carried,
  path: string,
  steps: readonly Step[],
  place: Place,
  at: Place,
  tracer: Tracing,
): void {
  const { kind, first, name, absent } = one;
  const { frame } = at;
  const begun = first?.is === "drawn" ? (first.value() as { readonly step?: Tabled<Step> }) : undefined;
  const firsts = begun?.step && within(begun.step.known, frame).values;
  const values = steps.map((_, k) => (k % frame.count === 0 ? (firsts?.[k] ?? hole) : steps[k - 1]));
  const step = new Tabled<Step>({ frame, values } as Known<Step>, tracer.root.frame, at.sheet, tracer.around.samples);
  const facts = tracer.sizeOf(one.next) ?? {};
  const like = (begun ?? { conditioned: "no", ...facts, facts }) as never;
  const value = one.parts.make((part) => stateOf(one, part, place, at, tracer), like, step as Given<Step>);
  tracer.giveIn(path, name, {
    ...{ is: "drawn", kind, sheet: at.sheet, value: () => value },
    ...(absent > 0 && { absent: { frame, turns: absent } }),
  });
}

function endOf({ kind, name, next, absent }: Carried, { frame, sheet }: Place, tracer: Tracing): unknown {
  const traced = tracer.value(next);
  // What is absent may become what is absent for a turn longer, and is what a loop leaves if it is there in time.
  const none = traced?.is === "drawn" ? traced.absent : undefined;
  if (!traced || (none && (none.frame !== frame || none.turns >= absent)))
    throw new GraphError(`“${name}” has no value in the first step`, name);
  return entered(kind, traced, sheet, tracer.around);
}

/** What was taken for granted when the body was given a prediction. */
function checkStep({ name }: Carried, step: Tabled<Step> | undefined, steps: readonly Step[], at: Place): void {
  if (!step) return;
  const values = within(step.known, at.frame).values;
  if (values.some((value, k) => value !== steps[k]))
    throw new GraphError(`“${name}” is carried with another step than the loop's, which cannot be exported`, name);
}

/** What is known in the last turn of the loop, in each turn of the frame around it. */
function lastOf<T>(known: Known<T>, around: Frame, count: number): Known<T> {
  if (around.isWithin(known.frame)) return known;
  const values = Array.from({ length: around.turns }, (_, k) => known.values[(k + 1) * count - 1]);
  return { frame: around, values };
}

/** The clean picture that a step predicts, by its last prediction. */
function x0In({ each }: LoopStep, tracer: Tracing, inner: ExportSheet): Value | undefined {
  const made = each.flatMap((step) => tracer.madeBy(step));
  const last = made.findLast((one) => one.is === "drawn" && one.kind === "prediction" && one.sheet === inner);
  return last?.is === "drawn" ? (last.value() as DrawnPrediction).x0 : undefined;
}
