/**
 * What a loop carries without a first value is absent in its first step, and what that becomes under another name in the step
 * after: a node that reads it, there or in a loop within, is drawn without it as well.
 */
import type { LoopStep, NodeStep } from "../executor/index.ts";
import { GraphError, type Kind, notMadeYet, type Ports } from "../nodes/index.ts";
import { partsOf } from "../runtime/index.ts";
import { type Frame, made, within } from "./frame.ts";
import type { Absent, Around, Wired } from "./traced.ts";
import type { Place } from "./tracing.ts";

/** In how many of a loop's first turns a carried value is absent. Throws a GraphError for one that never comes. */
export function absentTurns(name: string, loop: LoopStep, seen: readonly string[] = []): number {
  const { first, next } = loop.carried[name];
  if (first) return 0;
  if (seen.includes(name)) throw new GraphError(`“${name}” has no value in any step`, name);
  const isHanded = "given" in next && next.by === loop.path && Object.hasOwn(loop.carried, next.given);
  return 1 + (isHanded ? absentTurns(next.given, loop, [...seen, name]) : 0);
}

/** Whether there is none in the turn of a frame within. */
const isAbsentIn = ({ frame: { turns, count }, turns: until }: Absent, inner: Frame, k: number): boolean =>
  Math.floor((k * turns) / inner.turns) % count < until;

/** A node without some of its inputs, in the turns of its frame in which they are absent. */
export interface Without {
  readonly turns: ReadonlySet<number>;
  readonly ports: readonly string[];
}

/** Without what a node is drawn in which turns of its frame: of this loop's first turns, and of those of the loops around. */
export function absences(
  definition: NodeStep["definition"],
  inputs: Wired,
  frame: Frame,
  around: Around,
): readonly Without[] {
  const absent = inputs.flatMap(([port, traced]) => {
    const none = traced.is === "drawn" && traced.absent && frame.isWithin(traced.absent.frame) && traced.absent;
    return none && isAskedFor(definition, port, inputs, none, frame, around) ? [{ port, none }] : [];
  });
  const all = new Map<string, { readonly turns: Set<number>; readonly ports: readonly string[] }>();
  for (let k = 0; k < frame.turns; k++) {
    const ports = absent.flatMap(({ port, none }) => (isAbsentIn(none, frame, k) ? [port] : []));
    const known = all.get(`${ports}`) ?? { turns: new Set<number>(), ports };
    known.turns.add(k);
    all.set(`${ports}`, known);
  }
  return [...all.values()].filter(({ ports }) => ports.length > 0);
}

/**
 * Whether a node asks for an input in the turns in which it is absent; one without lazy inputs does. Throws a GraphError where it
 * is known to choose it there.
 */
function isAskedFor(
  { needs, inputs: ports }: NodeStep["definition"],
  port: string,
  inputs: Wired,
  none: Absent,
  frame: Frame,
  around: Around,
): boolean {
  const told = inputs.filter(([name]) => !(ports as Ports)[name].lazy);
  const known = told.flatMap(([, traced]) => (traced.is === "known" ? [traced.known] : []));
  if (!needs || known.length < told.length) return true;
  for (const [, traced] of told) if (traced.is === "known" && traced.typed) around.computed(traced.typed);
  const asked = made(known, around.outermost, (values) =>
    needs(Object.fromEntries(told.map(([name], i) => [name, values[i]]))),
  );
  const isAsked = within(asked, frame).values.some(
    (ports, k) => isAbsentIn(none, frame, k) && (ports as string[]).includes(port),
  );
  // It has chosen, as a run would: there is no other to take.
  if (isAsked && (ports as Ports)[port].lazy) throw notMadeYet(port);
  return isAsked;
}

/** Of two drawn values, the first in some turns of the frame, else the other. */
export function chosenIn(
  turns: ReadonlySet<number>,
  kind: Kind,
  first: unknown,
  other: unknown,
  { frame, sheet }: Place,
): unknown {
  const parts = partsOf(kind);
  if (!parts) throw new GraphError(`a ${kind} of something that is absent in the first step cannot be exported`);
  const { op } = sheet;
  const numbers = Array.from({ length: frame.turns }, (_, k) => (turns.has(k) ? 1 : 0));
  const isFirst = op.Equal(frame.wholeNumber(sheet, numbers), op.int64(1));
  const part = (name: string) => {
    const [a, b] = [parts.of(first as never, name), parts.of(other as never, name)];
    return a === b ? a : op.Where(isFirst, a, b);
  };
  return parts.make(part, other as never, (other as { step: never }).step);
}
