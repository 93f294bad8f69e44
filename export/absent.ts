/**
 * What a loop carries without a first value is absent in its first step, and what that becomes under another name in the step
 * after: a node that reads it is drawn without it as well.
 */
import type { LoopStep, NodeStep } from "../executor/index.ts";
import { GraphError, type Kind, type Ports } from "../nodes/index.ts";
import { type Frame, made, within } from "./frame.ts";
import { parts, type Wired } from "./traced.ts";
import type { Place } from "./tracing.ts";

/** In how many of a loop's first turns a carried value is absent. Throws a GraphError for one that never comes. */
export function absentTurns(name: string, loop: LoopStep, seen: readonly string[] = []): number {
  const { first, next } = loop.carried[name];
  if (first) return 0;
  if (seen.includes(name)) throw new GraphError(`“${name}” has no value in any step`, name);
  const isHanded = "given" in next && next.by === loop.path && Object.hasOwn(loop.carried, next.given);
  return 1 + (isHanded ? absentTurns(next.given, loop, [...seen, name]) : 0);
}

/** A node without some of its inputs, in turns before `until`. */
export interface Without {
  readonly until: number;
  readonly ports: readonly string[];
}

/** Without what a node is drawn in the first turns of the frame's loop: the later the fewer are absent, the latest first. */
export function absences(
  definition: NodeStep["definition"],
  inputs: Wired,
  frame: Frame,
  outermost: Frame,
): readonly Without[] {
  const absent = inputs.flatMap(([port, traced]) =>
    traced.is === "drawn" &&
    traced.absent?.frame === frame &&
    isAskedFor(definition, port, inputs, traced.absent, outermost)
      ? [{ port, turns: traced.absent.turns }]
      : [],
  );
  const turns = [...new Set(absent.map(({ turns }) => turns))].sort((a, b) => b - a);
  return turns.map((until) => ({
    until,
    ports: absent.flatMap(({ port, turns }) => (turns >= until ? [port] : [])),
  }));
}

/** Whether a node asks for an input in the turns in which it is absent; one without lazy inputs does. */
function isAskedFor(
  { needs, inputs: ports }: NodeStep["definition"],
  port: string,
  inputs: Wired,
  { frame, turns }: { readonly frame: Frame; readonly turns: number },
  outermost: Frame,
): boolean {
  const told = inputs.filter(([name]) => !(ports as Ports)[name].lazy);
  const known = told.flatMap(([, traced]) => (traced.is === "known" ? [traced.known] : []));
  if (!needs || known.length < told.length) return true;
  const asked = made(known, outermost, (values) =>
    needs(Object.fromEntries(told.map(([name], i) => [name, values[i]]))),
  );
  return within(asked, frame).values.some((ports, k) => k % frame.count < turns && (ports as string[]).includes(port));
}

/** Of two drawn values, the first in turns before `until`, else the other. */
export function before(until: number, kind: Kind, first: unknown, later: unknown, { frame, sheet }: Place): unknown {
  const { names, of, make } = parts[kind] ?? {};
  if (!names || !of || !make)
    throw new GraphError(`a ${kind} of something that is absent in the first step cannot be exported`);
  const { op } = sheet;
  const numbers = Array.from({ length: frame.turns }, (_, k) => (k % frame.count < until ? 1 : 0));
  const isBefore = op.Equal(frame.wholeNumber(sheet, numbers), op.int64(1));
  const part = (name: string) => {
    const [a, b] = [of(first as never, name), of(later as never, name)];
    return a === b ? a : op.Where(isBefore, a, b);
  };
  return make(part, later as never, (later as { step: never }).step);
}
