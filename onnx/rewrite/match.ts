/** Finds forms in a graph, backwards from a value, or from values that are known to those made of them. */
import type { OnnxNode } from "../ir.ts";
import { domainOf, type Operator, operatorNames } from "../operators.ts";
import type { Value } from "./builder.ts";
import type { Form, Made } from "./pattern.ts";

/** Values by the names that a form has for them. */
export type Found = Readonly<Record<string, Value>>;

/** What matching asks of a graph. */
export interface Searched {
  /** The node that makes a value. */
  maker(value: Value): OnnxNode | undefined;
  /** The nodes that read it. */
  readers(value: Value): readonly OnnxNode[];
  numbers(value: Value): readonly number[] | undefined;
}

/** Their two operands may come in either order. */
const commutative: ReadonlySet<Operator> = new Set(operatorNames("Add Mul"));

/** Every way in which a node is of the form, given what some names stand for. */
export function* matches(form: Made, node: OnnxNode, graph: Searched, found: Found = {}): Generator<Found> {
  const domain = form.domain ?? domainOf(form.operator);
  if (node.op !== form.operator || node.domain !== domain || !fulfils(node, form)) return;
  const named = form.name === undefined ? [found] : bound(form.name, node.outputs[0], found);
  for (const found of named) {
    yield* inputMatches(form.inputs, node.inputs, graph, found);
    if (commutative.has(form.operator)) yield* inputMatches(form.inputs, node.inputs.toReversed(), graph, found);
  }
}

/** The same for nodes anywhere, of forms in which some names are known already. */
export function* matchesOf(form: Made, graph: Searched, found: Found): Generator<{ node: OnnxNode; found: Found }> {
  for (const node of candidates(form, graph, found))
    for (const more of matches(form, node, graph, found)) yield { node, found: more };
}

function* inputMatches(
  forms: readonly Form[],
  values: readonly Value[],
  graph: Searched,
  found: Found,
): Generator<Found> {
  const [form, ...others] = forms;
  if (form === undefined) yield found;
  else
    for (const more of valueMatches(form, values[0] ?? "", graph, found))
      yield* inputMatches(others, values.slice(1), graph, more);
}

function* valueMatches(form: Form, value: Value, graph: Searched, found: Found): Generator<Found> {
  if (typeof form === "string") yield* bound(form, value, found);
  else if (typeof form === "number") {
    const numbers = graph.numbers(value);
    if (numbers?.length === 1 && numbers[0] === form) yield found;
  } else {
    const node = graph.maker(value);
    if (node) yield* matches(form, node, graph, found);
  }
}

/** A name stands for one value. */
const bound = (name: string, value: Value, found: Found): readonly Found[] =>
  found[name] === undefined ? [{ ...found, [name]: value }] : found[name] === value ? [found] : [];

const fulfils = ({ attributes }: OnnxNode, { conditions }: Made): boolean =>
  Object.entries(conditions).every(([name, condition]) =>
    typeof condition === "function" ? condition(attributes[name]) : attributes[name] === condition,
  );

/** Nodes that may be of a form: reached from the first of its inputs that is known, or is made of what is. */
function candidates({ operator, inputs }: Made, graph: Searched, found: Found): readonly OnnxNode[] {
  for (const input of inputs) {
    if (typeof input === "number" || (typeof input === "string" && found[input] === undefined)) continue;
    const values = typeof input === "string" ? [found[input]] : candidates(input, graph, found).map(outputOf);
    if (values.length > 0) return values.flatMap((value) => graph.readers(value).filter(({ op }) => op === operator));
  }
  return [];
}

const outputOf = ({ outputs: [y] }: OnnxNode): Value => y;
