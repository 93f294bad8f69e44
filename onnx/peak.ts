/** What a graph takes in memory, before it runs: by its shapes, in the order of its nodes. */
import { bytesPerValue, type Dim, type OnnxGraph, type OnnxModel } from "./ir.ts";
import { usesOf } from "./rewrite/captures.ts";
import { Inference } from "./shapes/index.ts";
import { add, hasNamesOf, lowerBound, product, sizeAt, sub } from "./shapes/size.ts";

export interface Peak {
  /** Bytes of the values that are there at one time, what it is given and what it gives included. */
  readonly values: number;
  /** Bytes of its weights. */
  readonly weights: number;
}

/** The same for all sizes of its named dimensions at once. */
export interface Course {
  /** Bytes of the values at some moments, of which one is the fullest whatever the sizes are. */
  readonly moments: readonly Dim[];
  readonly weights: number;
  /** Whether the size of every value is known but for the names. */
  readonly isWhole: boolean;
}

/** Of named dimensions. */
export type Sizes = Readonly<Record<string, number>>;

/** Operators whose output is their first input in other dimensions: a runtime gives both one place. */
const sameBytes = new Set(["Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze"]);

/**
 * `sizes`: the named dimensions of its inputs. A value lives from the node that makes it to the last that reads it. At least so
 * much: a value of a size that cannot be inferred, and those of inner graphs, count as nothing.
 */
export function peakOf({ graph, ...model }: OnnxModel, sizes: Sizes): Peak {
  const sized = (dim: Dim): Dim => (typeof dim === "string" ? (sizes[dim] ?? dim) : dim);
  const inputs = graph.inputs.map((input) => ({ ...input, ...(input.dims && { dims: input.dims.map(sized) }) }));
  const { moments, weights } = courseOf({ ...model, graph: { ...graph, inputs } });
  return { values: most(moments, () => 0), weights };
}

/** The peak at these sizes; undefined where the course alone does not tell it. */
export function peakAt({ moments, weights, isWhole }: Course, sizes: Sizes): Peak | undefined {
  const values = most(moments, (name) => (Object.hasOwn(sizes, name) ? sizes[name] : Number.NaN));
  return isWhole && !Number.isNaN(values) ? { values, weights } : undefined;
}

const most = (moments: readonly Dim[], sizeOf: (name: string) => number): number =>
  Math.max(...moments.map((bytes) => sizeAt(bytes, sizeOf)));

export function courseOf({ graph }: OnnxModel): Course {
  const inference = new Inference(graph);
  const names = new Set(graph.inputs.flatMap(({ dims = [] }) => dims));
  let isWhole = true;
  const bytesOf = (name: string): Dim => {
    const { type, dims } = inference.facts(name) ?? {};
    // A size that has a name of its own would make a term of its own, of hundreds.
    if (type && dims?.every((dim) => hasNamesOf(dim, names))) return product([bytesPerValue[type], ...dims]);
    isWhole = false;
    return 0;
  };
  const { places, last } = livesIn(graph);
  let values = graph.inputs.reduce<Dim>((sum, { name }) => add(sum, bytesOf(name)), 0);
  let moments: readonly Dim[] = [values];
  const leaving = new Map<number, Dim>();
  for (const [i, { op, outputs }] of graph.nodes.entries()) {
    for (const name of op === "Constant" ? [] : outputs) {
      if (name === "" || places.has(name)) continue;
      const bytes = bytesOf(name);
      const end = last.get(name) ?? i;
      values = add(values, bytes);
      leaving.set(end, add(leaving.get(end) ?? 0, bytes));
    }
    moments = withMoment(moments, values);
    values = sub(values, leaving.get(i) ?? 0);
  }
  const weights = [...graph.initializers.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  return { moments, weights, isWhole };
}

/** Under which name the place of a value was made, and which node needs it last. */
function livesIn({ nodes, inputs, outputs }: OnnxGraph) {
  const places = new Map<string, string>();
  const placeOf = (name: string): string => places.get(name) ?? name;
  const last = new Map<string, number>();
  for (const [i, node] of nodes.entries()) {
    for (const name of usesOf(node)) last.set(placeOf(name), i);
    if (node.domain === "" && sameBytes.has(node.op)) places.set(node.outputs[0], placeOf(node.inputs[0]));
  }
  for (const { name } of [...outputs, ...inputs]) last.set(placeOf(name), nodes.length);
  return { places, last };
}

/** Without those that are never the fullest: sizes are not negative. */
function withMoment(moments: readonly Dim[], bytes: Dim): readonly Dim[] {
  const covers = (a: Dim, b: Dim): boolean => lowerBound(sub(a, b)) >= 0;
  if (moments.some((one) => covers(one, bytes))) return moments;
  return [...moments.filter((one) => !covers(bytes, one)), bytes];
}
