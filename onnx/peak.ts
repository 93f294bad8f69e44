/** What a graph takes in memory, before it runs: by its shapes, in the order of its nodes. */
import { bytesPerValue, type Dim, type OnnxModel } from "./ir.ts";
import { usesOf } from "./rewrite/captures.ts";
import { Inference } from "./shapes/index.ts";

export interface Peak {
  /** Bytes of the values that are there at one time, what it is given and what it gives included. */
  readonly values: number;
  /** Bytes of its weights. */
  readonly weights: number;
}

/** Operators whose output is their first input in other dimensions: a runtime gives both one place. */
const sameBytes = new Set(["Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze"]);

/**
 * `sizes`: the named dimensions of its inputs. A value lives from the node that makes it to the last that reads it. At least so
 * much: a value of a size that cannot be inferred, and those of inner graphs, count as nothing.
 */
export function peakOf({ graph }: OnnxModel, sizes: Readonly<Record<string, number>>): Peak {
  const sized = (dim: Dim): Dim => (typeof dim === "string" ? (sizes[dim] ?? dim) : dim);
  const inputs = graph.inputs.map((input) => ({ ...input, ...(input.dims && { dims: input.dims.map(sized) }) }));
  const inference = new Inference({ ...graph, inputs });
  const bytesOf = (name: string): number => {
    const { type, dims } = inference.facts(name) ?? {};
    if (!type || !dims?.every((dim) => typeof dim === "number")) return 0;
    return bytesPerValue[type] * (dims as readonly number[]).reduce((product, dim) => product * dim, 1);
  };
  // Find under which name the place of a value was made, and which node needs it last.
  const places = new Map<string, string>();
  const placeOf = (name: string): string => places.get(name) ?? name;
  const last = new Map<string, number>();
  for (const [i, node] of graph.nodes.entries()) {
    for (const name of usesOf(node)) last.set(placeOf(name), i);
    if (node.domain === "" && sameBytes.has(node.op)) places.set(node.outputs[0], placeOf(node.inputs[0]));
  }
  for (const { name } of [...graph.outputs, ...inputs]) last.set(placeOf(name), graph.nodes.length);
  // Run it.
  let values = inputs.reduce((sum, { name }) => sum + bytesOf(name), 0);
  let most = values;
  const leaving = new Map<number, number>();
  for (const [i, { op, outputs }] of graph.nodes.entries()) {
    for (const name of op === "Constant" ? [] : outputs) {
      if (name === "" || places.has(name)) continue;
      const bytes = bytesOf(name);
      const end = last.get(name) ?? i;
      values += bytes;
      leaving.set(end, (leaving.get(end) ?? 0) + bytes);
    }
    most = Math.max(most, values);
    values -= leaving.get(i) ?? 0;
  }
  const weights = [...graph.initializers.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  return { values: most, weights };
}
