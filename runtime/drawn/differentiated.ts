/** What is wired as a network of its own: drawn and built when it is first run, and again only where its form is another. */
import type { InferenceSession } from "onnxruntime-common";
import type { Tensor } from "../../diffusion/index.ts";
import { type Differentiated, type DrawnGraph, type DrawnWish, GraphError, type Port } from "../../nodes/index.ts";
import { tensorOf } from "../models/feed.ts";
import { checkFinite } from "../models/finite.ts";
import { nativeWords } from "../models/native-words.ts";
import type { Networks, Runner } from "../models/networks.ts";
import { atFault } from "./at-fault.ts";
import { draw, type Sketch } from "./draw.ts";
import type { Run } from "./drawing.ts";
import { batchDim } from "./sheet.ts";
import { type Behind, shapeOf } from "./values.ts";

export function differentiated(graph: DrawnGraph, networks: Networks, behind: Behind): Differentiated {
  const ports = portsOf(graph);
  let ready: { readonly form: string; readonly sketch: Sketch; readonly runner: Runner } | undefined;
  const blamed = (error: unknown) => Promise.reject(atFault(graph.nodes, error));
  return {
    async weigh(variable, outside, wishes) {
      const batch = variable.dims[0];
      const sketch = draw(graph, wishes, { variable, outside, batch }, behind);
      return networks.weighed(sketch, wishes.includes("gradient"), { [batchDim]: batch }).catch(blamed);
    },
    async run(variable, outside, wishes) {
      const run: Run = { variable, outside, batch: variable.dims[0] };
      const form = formOf(run, ports, wishes);
      if (ready?.form !== form) {
        const sketch = draw(graph, wishes, run, behind);
        ready = { form, sketch, runner: await networks.drawn(sketch, wishes.includes("gradient")).catch(blamed) };
      }
      const { sketch, runner } = ready;
      const session = await runner();
      const feeds = Object.fromEntries(
        sketch.feeds
          .filter(({ name }) => session.inputNames.includes(name))
          .map(({ name, feed }) => [name, feed(run)] as const),
      );
      const names = [...new Set(sketch.wishes.flatMap(({ names }) => names))];
      const given = await session.run(feeds, names).catch((error) => {
        throw new GraphError(`What is differentiated cannot be computed: ${nativeWords(error)}`);
      });
      return sketch.wishes.map(({ names, make }, i) => {
        const source = sourceOf(graph, wishes[i]);
        return make(
          names.map((name) => finite(given, name, source)),
          run,
        );
      });
    },
  };
}

/** By the number of each value from outside: the port that reads it. */
function portsOf({ nodes }: DrawnGraph): ReadonlyMap<number, Port> {
  const ports = new Map<number, Port>();
  for (const { inputs, definition } of nodes)
    for (const [port, source] of Object.entries(inputs))
      if (source.is === "outside") ports.set(source.index, definition.inputs[port]);
  return ports;
}

const formOf = ({ variable, outside, batch }: Run, ports: ReadonlyMap<number, Port>, wishes: readonly DrawnWish[]) =>
  JSON.stringify([
    variable.dims.slice(1),
    batch,
    wishes,
    ...[...ports].map(([index, port]) =>
      outside[index] === undefined ? "absent" : shapeOf(port, outside[index], batch),
    ),
  ]);

const advice =
  "Look for an index that is not there, and for a quotient, root or logarithm at 0; check the checkpoint and its flags, or scale guidance down";

function finite(given: InferenceSession.OnnxValueMapType, name: string, source: string): Tensor {
  const output = given[name] as Parameters<typeof tensorOf>[0];
  const tensor = tensorOf(
    output,
    (output?.dims ?? []).map(() => -1),
    source,
  );
  checkFinite(tensor.data, source, advice);
  return tensor;
}

const sourceOf = ({ nodes }: DrawnGraph, wish: DrawnWish): string => {
  if (wish === "gradient") return "the gradient";
  const title = nodes.find(({ path }) => path === wish.of)?.title;
  return `"${wish.output}" of ${title}`;
};
