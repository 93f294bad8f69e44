/**
 * The kinds that are made of tensors in a graph, so that they leave it, enter another, and go from step to step: which tensors
 * these are, and how others make a value of the kind.
 */
import type { Step } from "../../diffusion/index.ts";
import type { DrawnKind, DrawnOf, DrawnOutput, DrawnPrediction, Given, Value } from "../../nodes/index.ts";

interface PartsOf<Drawn, Like> {
  readonly names: readonly string[];
  of(drawn: Drawn, name: string): Value;
  /** `like`: what it has beside tensors and its step. */
  make(part: (name: string) => Value, like: Like, step: Given<Step>): Drawn;
}

/** Of a kind that is known only when a graph is looked at. */
export type Parts = Pick<PartsOf<never, never>, "names" | "of"> & {
  make(part: (name: string) => Value, like: never, step: Given<Step>): unknown;
};

const named = ["mean", "variance", "logVariance", "x0", "x"] as const satisfies readonly (keyof DrawnPrediction)[];

export const parts = {
  tensor: {
    names: [""],
    of: (value) => value,
    make: (part) => part(""),
  } satisfies PartsOf<DrawnOf<"tensor">, unknown>,
  model_output: {
    names: ["out"],
    of: ({ out }) => out,
    make: (part, { facts }, step) => ({ out: part("out"), facts, step }),
  } satisfies PartsOf<DrawnOutput, Pick<DrawnOutput, "facts">>,
  prediction: {
    names: named,
    of: (prediction, name) => prediction[name as (typeof named)[number]],
    /** What nobody looks at is not there: a variance is worked out when it is asked for. */
    make(part, { conditioned }, step) {
      const made = { conditioned, step };
      for (const name of named) {
        let value: Value | undefined;
        const get = (): Value => {
          value ??= part(name);
          return value;
        };
        Object.defineProperty(made, name, { get, enumerable: true });
      }
      return made as DrawnPrediction;
    },
  } satisfies PartsOf<DrawnPrediction, Pick<DrawnPrediction, "conditioned">>,
} satisfies Readonly<Record<DrawnKind, Parts>>;

/** Undefined of a kind that is not made of tensors. */
export const partsOf = (kind: string): Parts | undefined =>
  Object.hasOwn(parts, kind) ? parts[kind as DrawnKind] : undefined;
