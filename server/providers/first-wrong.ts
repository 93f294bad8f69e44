/** Which operator of a graph a device computes wrongly: the last node of the shortest beginning of the graph that comes out wrong. */
import { type OnnxModel, type OnnxNode, prune, writeModel } from "../../onnx/index.ts";
import { Inference } from "../../onnx/shapes/index.ts";
import type { Provider } from "../../runtime/index.ts";
import { relativeError, type Trial } from "./trial.ts";

type Runs = Pick<Provider, "createSession">;

/**
 * Half the graph is tried, then half of what is left: a beginning gives all values that nothing in it reads, beside those of
 * `reference`, a device that is right. Undefined where even the whole graph comes out right.
 */
export async function firstWrong(
  device: Runs,
  reference: Runs,
  { model, feeds }: Trial,
  tolerance: number,
): Promise<OnnxNode | undefined> {
  const { nodes } = model.graph;
  const isWrong = async (count: number): Promise<boolean> => {
    const beginning = beginningOf(model, count);
    const wanted = await valuesOf(reference, beginning, feeds);
    try {
      const got = await valuesOf(device, beginning, feeds);
      return wanted.some((values, i) => !(relativeError(got[i], values) < tolerance));
    } catch {
      return true;
    }
  };
  if (!(await isWrong(nodes.length))) return undefined;
  let [right, wrong] = [0, nodes.length];
  while (wrong - right > 1) {
    const middle = (right + wrong) >> 1;
    if (await isWrong(middle)) wrong = middle;
    else right = middle;
  }
  return nodes[wrong - 1];
}

function beginningOf(model: OnnxModel, count: number): OnnxModel {
  const nodes = model.graph.nodes.slice(0, count);
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  const left = nodes.flatMap(({ outputs }) => outputs.filter((name) => name !== "" && !read.has(name)));
  const inference = new Inference({ ...model.graph, nodes });
  const outputs = left.map((name) => ({ name, type: inference.facts(name)?.type ?? "float32" }) as const);
  return { ...model, graph: prune({ ...model.graph, nodes, outputs }) };
}

async function valuesOf({ createSession }: Runs, model: OnnxModel, feeds: Trial["feeds"]): Promise<Float32Array[]> {
  const bytes = await writeModel(model);
  const session = await createSession({ bytes: bytes.length, model: bytes, external: [] });
  try {
    const wanted = Object.entries(feeds).filter(([name]) => session.inputNames.includes(name));
    const values = await session.run(Object.fromEntries(wanted));
    return model.graph.outputs.map(({ name }) => Float32Array.from(values[name].data as Float32Array, Number));
  } finally {
    await session.release();
  }
}
