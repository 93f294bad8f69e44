/** What a plan says of its values before it is traced. */
import type { PlanStep, Source } from "../executor/index.ts";
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
  return [...step.once, ...step.each].flatMap(sizesIn);
}

/** Kinds of outputs, of what loops give too. */
export function kindsIn(step: PlanStep): (readonly [string, Kind])[] {
  if (step.is === "drawn") return step.outputs.map(({ from, output, kind }) => [`${from} ${output}`, kind]);
  if (step.is === "node")
    return Object.entries(step.definition.outputs as Ports).map(([output, { kind }]) => [
      `${step.path} ${output}`,
      kind,
    ]);
  const inside = [...step.once, ...step.each].flatMap(kindsIn);
  const kinds = new Map(inside);
  const ends = [
    ...Object.entries(step.carried).map(([name, { next }]) => [name, next] as const),
    ...Object.entries(step.outputs),
  ];
  return [
    ...inside,
    ...ends.flatMap(([name, end]) => {
      const kind = "from" in end ? kinds.get(`${end.from} ${end.output}`) : undefined;
      return kind ? [[`${step.path} ${name}`, kind] as const] : [];
    }),
  ];
}
