/**
 * Forms of values, written as the formula: `is.Mul("x", is.Sigmoid("x"))` is x·σ(x). A name stands for any value, the
 * same one wherever it occurs; a number for a constant that is that number; what is made by an operator may have a name
 * too, `.as("s")`, and be told by its attributes, `.where({ keepdims: 1 })`.
 */
import type { AttributesOf, Operator } from "../operators.ts";

export type Form<names extends string = string> = names | number | Made<names>;

/** What a node of an operator makes, as its first output. Inputs that are not named may be anything. */
export interface Made<names extends string = string, O extends Operator = Operator> {
  readonly operator: O;
  readonly inputs: readonly Form[];
  readonly name: string | undefined;
  readonly conditions: Readonly<Record<string, unknown>>;
  /** Where another domain's operator of that name is meant. */
  readonly domain: string | undefined;
  as<name extends string>(name: name): Made<names | name, O>;
  where(conditions: Conditions<O>): Made<names, O>;
  of(domain: string): Made<names, O>;
}

/** Values of attributes, or what they must fulfil. */
type Conditions<O extends Operator> = {
  readonly [name in keyof AttributesOf<O>]?: AttributesOf<O>[name] | ((value: AttributesOf<O>[name]) => boolean);
};

export type NamesIn<form> = form extends string ? form : form extends Made<infer names> ? names : never;

type Forms = {
  readonly [O in Operator]: <const inputs extends readonly Form[]>(
    ...inputs: inputs
  ) => Made<NamesIn<inputs[number]>, O>;
};

export const is = new Proxy({} as Forms, {
  get:
    (_, operator: Operator) =>
    (...inputs: readonly Form[]) =>
      made({ operator, inputs, name: undefined, conditions: {}, domain: undefined }),
});

const made = (form: Omit<Made, "as" | "where" | "of">): Made => ({
  ...form,
  as: (name) => made({ ...form, name }) as Made,
  where: (conditions) => made({ ...form, conditions }),
  of: (domain) => made({ ...form, domain }),
});
