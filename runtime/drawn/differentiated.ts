/** What is wired as a network of its own: drawn and built when it is first run, and again only where its form is another. */
import type { InferenceSession } from "onnxruntime-common";
import type { Tensor } from "../../diffusion/index.ts";
import {
  checkFinite,
  type Differentiated,
  type DrawnGraph,
  type DrawnWish,
  formsOf,
  GraphError,
  isChosen,
  type Needed,
  neededOf,
  outsideOf,
  type Port,
} from "../../nodes/index.ts";
import { ZeroGradientError } from "../../onnx/index.ts";
import { tensorOf } from "../models/feed.ts";
import type { Networks, Runner } from "../models/networks.ts";
import { atFault } from "./at-fault.ts";
import { draw, type Sketch } from "./draw.ts";
import type { Run } from "./drawing.ts";
import { misfit } from "./misfit.ts";
import { batchDim } from "./sheet.ts";
import { type Behind, shapeOf } from "./values.ts";

/**
 * So many forms of one graph are kept: those of its choices that take turns in a loop, say; k of them that are independent make 2ᵏ.
 * What they weigh is their sessions, which are kept by what they weigh (`SessionCache`), and loaded again without being built.
 */
const maxForms = 64;

export function differentiated(graph: DrawnGraph, networks: Networks, behind: Behind): Differentiated {
  const ports = portsOf(graph);
  const ready = new Map<string, Ready>();
  const blamed = (error: unknown) => Promise.reject(atFault(graph, error));
  const drawn = (wishes: readonly DrawnWish[], run: Run, needed: Needed) => draw(graph, wishes, needed, run, behind);

  /** What `by` makes of it. Before a run as in one it is decided here what has no gradient. */
  async function made<T>(
    wishes: readonly DrawnWish[],
    run: Run,
    needed: Needed,
    by: (sketch: Sketch, isDifferentiated: boolean) => Promise<T>,
  ): Promise<{ readonly sketch: Sketch; readonly made: T }> {
    const sketch = drawn(wishes, run, needed);
    const isDifferentiated = wishes.includes("gradient");
    try {
      return { sketch, made: await by(sketch, isDifferentiated) };
    } catch (error) {
      if (!(error instanceof ZeroGradientError) || !isChosen(graph, needed)) throw error;
      // The gradient of what was chosen is 0. Where it is so whatever is chosen, as far as that is known, it is an error.
      const all = neededOf(graph, wishes, []);
      const isThere = [...outsideOf(graph, all)].every((index) => run.outside[index] !== undefined);
      if (isThere) await networks.weighed(drawn(wishes, run, all), isDifferentiated, { [batchDim]: run.batch });
      const values = wishes.filter((wish) => wish !== "gradient");
      const flat = drawn(values, run, needed);
      return { sketch: withZeros(flat, wishes), made: await by(flat, false) };
    }
  }

  async function make(wishes: readonly DrawnWish[], run: Run, needed: Needed): Promise<Ready> {
    const { sketch, made: runner } = await made(wishes, run, needed, (one, isDifferentiated) =>
      networks.drawn(one, isDifferentiated),
    );
    return { sketch, runner };
  }

  return {
    async weigh(variable, outside, wishes) {
      const batch = variable.dims[0];
      const needed = neededOf(graph, wishes, outside);
      const weigh = (sketch: Sketch, isDifferentiated: boolean) =>
        networks.weighed(sketch, isDifferentiated, { [batchDim]: batch });
      const run: Run = { variable, outside, batch };
      const { sketch, made: peak } = await made(wishes, run, needed, weigh).catch(blamed);
      const forms = formsOf(graph, wishes, outside, maxForms);
      if (forms.length === 1) return peak;
      // What takes turns is a graph for each form, with the networks that it asks.
      const all = bytesOf(sketch);
      const each = forms.map((form) => (peak.weights * bytesOf(drawn(wishes, run, form))) / (all || 1));
      return { ...peak, weights: networks.kept(each) };
    },
    async run(variable, outside, wishes) {
      const run: Run = { variable, outside, batch: variable.dims[0] };
      const needed = neededOf(graph, wishes, outside);
      const unfit = (error: unknown): never => {
        const fault = atFault(graph, error);
        throw fault === error ? misfit(graph, run, error) : fault;
      };
      const form = formOf(run, ports, wishes, needed);
      const known = ready.get(form) ?? (await make(wishes, run, needed).catch(unfit));
      ready.delete(form);
      ready.set(form, known);
      if (ready.size > maxForms) ready.delete([...ready.keys()][0]);
      const { sketch, runner } = known;
      const session = await runner().catch(unfit);
      const fed = sketch.feeds.filter(({ name }) => session.inputNames.includes(name));
      const feed = async () => Object.fromEntries(fed.map(({ name, feed }) => [name, feed(run)] as const));
      const feeds = await feed().catch(unfit);
      const names = new Set(sketch.wishes.flatMap(({ names }) => names));
      // What has no value may have a gradient that looks like one, as the logarithm of a negative number has.
      if (names.has("gradient")) names.add("of");
      if (sketch.hasUnseen) names.add("unseen");
      const given = names.size === 0 ? {} : await session.run(feeds, [...names]).catch(unfit);
      try {
        if (names.has("unseen")) finite(given, "unseen", "what is wired inside, and clipped later,", variable);
        if (names.has("of")) finite(given, "of", ofSource(graph), variable);
        return sketch.wishes.map(({ names, make }, i) => {
          const source = sourceOf(graph, wishes[i]);
          return make(
            names.map((name) => finite(given, name, source, variable)),
            run,
          );
        });
      } catch (error) {
        throw (await firstAtFault(run, needed).catch(() => undefined)) ?? error;
      }
    },
  };

  /** What is wrong with the first value inside that is not finite, at its node: it is run once more, with all of them as outputs. */
  async function firstAtFault(run: Run, needed: Needed): Promise<GraphError | undefined> {
    const sketch = draw(graph, [], needed, run, behind, true);
    const session = await (await networks.drawn(sketch, false))();
    const fed = sketch.feeds.filter(({ name }) => session.inputNames.includes(name));
    const feeds = Object.fromEntries(fed.map(({ name, feed }) => [name, feed(run)] as const));
    const names = sketch.watched.map((_, i) => `watched${i}`);
    const given = await session.run(feeds, names);
    for (const [i, { path, source }] of sketch.watched.entries())
      try {
        finite(given, names[i], source, run.variable);
      } catch (error) {
        const { message, port } = error as GraphError;
        return new GraphError(message, port, path);
      }
    return undefined;
  }
}

/** Of the networks that it asks. */
const bytesOf = ({ networks }: Sketch): number =>
  [...new Set([...networks.values()].map(({ network }) => network))].reduce((sum, { bytes }) => sum + bytes, 0);

interface Ready {
  readonly sketch: Sketch;
  readonly runner: Runner;
}

/** A sketch without a gradient, with one of zeros among the wishes. */
function withZeros(sketch: Sketch, wishes: readonly DrawnWish[]): Sketch {
  const zeros = (_: readonly Tensor[], { variable: { dims, data } }: Run): Tensor => ({
    dims,
    data: new Float32Array(data.length),
  });
  const values = [...sketch.wishes];
  return {
    ...sketch,
    wishes: wishes.map((wish) => (wish === "gradient" ? { names: [], make: zeros } : values.shift()!)),
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

const formOf = (
  { variable, outside, batch }: Run,
  ports: ReadonlyMap<number, Port>,
  wishes: readonly DrawnWish[],
  needed: Needed,
) =>
  JSON.stringify([
    variable.dims.slice(1),
    batch,
    wishes,
    [...needed].map(([path, ports]) => [path, ...ports]),
    ...[...ports].map(([index, port]) =>
      outside[index] === undefined ? "absent" : shapeOf(port, outside[index], batch),
    ),
  ]);

const advice =
  "Look for an index that is not there, and for a quotient, root or logarithm at 0; check the checkpoint and its flags, or scale guidance down";

function finite(given: InferenceSession.OnnxValueMapType, name: string, source: string, variable: Tensor): Tensor {
  const output = given[name] as Parameters<typeof tensorOf>[0];
  const tensor = tensorOf(
    output,
    (output?.dims ?? []).map(() => -1),
    source,
  );
  checkFinite(tensor.data, source, { advice, given: { variable: variable.data } });
  return tensor;
}

const ofSource = (graph: DrawnGraph): string =>
  graph.of.is === "output" ? sourceOf(graph, graph.of) : "what is differentiated";

const sourceOf = ({ nodes }: DrawnGraph, wish: DrawnWish): string => {
  if (wish === "gradient") return "the gradient";
  const title = nodes.find(({ path }) => path === wish.of)?.title;
  return `"${wish.output}" of ${title}`;
};
