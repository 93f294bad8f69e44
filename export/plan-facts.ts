/** What a plan says of its values before it is traced. */
import type { LoopStep, PlanStep, Source } from "../executor/index.ts";
import type { Kind, Ports, Size } from "../nodes/index.ts";

const sourcesOf = (step: PlanStep): Source[] => {
  if (step.is === "node") return Object.values(step.inputs);
  if (step.is === "drawn") return [step.by, ...step.outside.map(({ source }) => source)];
  return [
    ...Object.values(step.carried).flatMap(({ first, next }) => (first ? [first, next] : [next])),
    ...Object.values(step.outputs),
  ];
};

/** What is read of other steps: path and output. */
export const readsIn = (step: PlanStep): string[] => [
  ...sourcesOf(step).flatMap((source) => ("from" in source ? [`${source.from} ${source.output}`] : [])),
  ...(step.is === "loop" ? [...step.once, ...step.each].flatMap(readsIn) : []),
];

/** Facts of outputs, by path and output. */
export function sizesIn(step: PlanStep): (readonly [string, Size])[] {
  if (step.is === "drawn") return step.outputs.map(({ from, output, facts }) => [`${from} ${output}`, facts]);
  if (step.is === "node") return Object.entries(step.facts).map(([output, facts]) => [`${step.path} ${output}`, facts]);
  return withEnds(step, [...step.once, ...step.each].flatMap(sizesIn));
}

/** Kinds of outputs, of what loops give too. */
export function kindsIn(step: PlanStep): (readonly [string, Kind])[] {
  if (step.is === "drawn") return step.outputs.map(({ from, output, kind }) => [`${from} ${output}`, kind]);
  if (step.is === "node")
    return Object.entries(step.definition.outputs as Ports).map(([output, { kind }]) => [
      `${step.path} ${output}`,
      kind,
    ]);
  return withEnds(step, [...step.once, ...step.each].flatMap(kindsIn));
}

/** With what a loop gives, as what comes of its body is: a value that was carried under another name is like that one. */
function withEnds<T>(step: LoopStep, inside: (readonly [string, T])[]): (readonly [string, T])[] {
  const known = new Map(inside);
  const ofEnd = (end: Source, seen: readonly string[] = []): T | undefined => {
    if ("from" in end) return known.get(`${end.from} ${end.output}`);
    if (!("given" in end) || end.by !== step.path || seen.includes(end.given)) return undefined;
    const carried = step.carried[end.given];
    return carried && ofEnd(carried.next, [...seen, end.given]);
  };
  const ends = [
    ...Object.entries(step.carried).map(([name, { next }]) => [name, next] as const),
    ...Object.entries(step.outputs),
  ];
  return [
    ...inside,
    ...ends.flatMap(([name, end]) => {
      const found = ofEnd(end);
      return found === undefined ? [] : [[`${step.path} ${name}`, found] as const];
    }),
  ];
}
