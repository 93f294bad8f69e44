/** What a loop carries without a first value is absent in its first step: a node that reads it is drawn without it as well. */
import type { NodeStep } from "../executor/index.ts";
import { GraphError, type Kind, type Ports } from "../nodes/index.ts";
import { type Frame, made, within } from "./frame.ts";
import { parts, type Wired } from "./traced.ts";
import type { Place } from "./tracing.ts";

/** The inputs without which a node does in the first turn of the frame's loop. */
export const absentPorts = (
  definition: NodeStep["definition"],
  inputs: Wired,
  frame: Frame,
  outermost: Frame,
): string[] =>
  inputs.flatMap(([port, traced]) =>
    traced.is === "drawn" && traced.absentIn === frame && isAskedFor(definition, port, inputs, frame, outermost)
      ? [port]
      : [],
  );

/** Whether a node asks for an input in the first turn; one without lazy inputs does. */
function isAskedFor(
  { needs, inputs: ports }: NodeStep["definition"],
  port: string,
  inputs: Wired,
  frame: Frame,
  outermost: Frame,
): boolean {
  const told = inputs.filter(([name]) => !(ports as Ports)[name].lazy);
  const known = told.flatMap(([, traced]) => (traced.is === "known" ? [traced.known] : []));
  if (!needs || known.length < told.length) return true;
  const asked = made(known, outermost, (values) =>
    needs(Object.fromEntries(told.map(([name], i) => [name, values[i]]))),
  );
  return within(asked, frame).values.some((ports, k) => k % frame.count === 0 && (ports as string[]).includes(port));
}

/** Of two drawn values, the first in the first turn, else the other. */
export function firstOrLater(kind: Kind, first: unknown, later: unknown, { frame, sheet }: Place): unknown {
  const { names, of, make } = parts[kind] ?? {};
  if (!names || !of || !make)
    throw new GraphError(`a ${kind} of something that is absent in the first step cannot be exported`);
  const { op } = sheet;
  const numbers = Array.from({ length: frame.turns }, (_, k) => (k % frame.count === 0 ? 1 : 0));
  const isFirst = op.Equal(frame.wholeNumber(sheet, numbers), op.int64(1));
  const part = (name: string) => {
    const [a, b] = [of(first as never, name), of(later as never, name)];
    return a === b ? a : op.Where(isFirst, a, b);
  };
  return make(part, later as never, (later as { step: never }).step);
}
