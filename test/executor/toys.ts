/** Small definitions for tests of the planner and the runner: tensors of one number, and a record of every call. */
import { lastValueFrom, toArray } from "rxjs";
import type { Step } from "../../diffusion/index.ts";
import { type KnownModels, type Plan, type RunEvent, type RunOptions, run, type World } from "../../executor/index.ts";
import { defineNode, GraphError, isStructure, nodes, port, type Registry } from "../../nodes/index.ts";

const base = { version: 1, category: "test", description: "A toy." } as const;

const tensor = (value: number) => ({ dims: [1], data: new Float32Array([value]) });
export const numberIn = (value: unknown): number => (value as { data: Float32Array }).data[0];

const square = (size: unknown) => ({ height: size as number, width: size as number });

/** A registry of its own, with a list of the calls its nodes got. */
export function toys() {
  const calls: string[] = [];
  const shown: number[] = [];
  const definitions = [
    defineNode({
      ...base,
      type: "guidegraph/constant",
      title: "Constant",
      inputs: { value: port.number({ default: 0 }), size: port.number({ default: 8, integer: true, min: 1, max: 64 }) },
      outputs: { x: port.tensor() },
      infer: (_, known) => ({ x: square(known.parameter("size")) }),
      run: ({ value }) => {
        calls.push(`constant ${value}`);
        return { x: tensor(value) };
      },
    }),
    defineNode({
      ...base,
      type: "guidegraph/add",
      title: "Add",
      inputs: { a: port.tensor(), b: port.tensor({ optional: true }) },
      outputs: { x: port.tensor() },
      infer: ({ a, b }) => {
        if (a?.height !== undefined && b?.height !== undefined && a.height !== b.height)
          throw new GraphError(`It adds size ${a.height} and ${b.height}`, "b");
        return { x: { ...b, ...a } };
      },
      run: ({ a, b }) => {
        const sum = numberIn(a) + (b ? numberIn(b) : 0);
        calls.push(`add ${sum}`);
        return { x: tensor(sum) };
      },
    }),
    defineNode({
      ...base,
      type: "guidegraph/scale",
      title: "Scale",
      inputs: { x: port.tensor(), factor: port.number({ default: 2, min: -10, max: 10 }) },
      outputs: { x: port.tensor() },
      infer: ({ x }) => ({ x: { ...x } }),
      run: ({ x, factor }) => {
        calls.push(`scale ${numberIn(x)} by ${factor}`);
        return { x: tensor(numberIn(x) * factor) };
      },
    }),
    defineNode({
      ...base,
      type: "guidegraph/resize",
      title: "Resize",
      inputs: { x: port.tensor(), size: port.number({ default: 16, integer: true, min: 1 }) },
      outputs: { x: port.tensor() },
      infer: (_, known) => ({ x: square(known.parameter("size")) }),
      run: ({ x }) => ({ x }),
    }),
    defineNode({
      ...base,
      type: "guidegraph/number",
      title: "Number",
      inputs: { value: port.number({ default: 3 }) },
      outputs: { value: port.numberOut() },
      run: ({ value }) => ({ value }),
    }),
    defineNode({
      ...base,
      type: "guidegraph/word",
      title: "Word",
      inputs: { value: port.text({ default: "" }) },
      outputs: { value: port.textOut() },
      run: ({ value }) => ({ value }),
    }),
    defineNode({
      ...base,
      type: "guidegraph/schedule",
      title: "Schedule",
      inputs: { count: port.number({ default: 3, integer: true, min: 1, max: 1e6 }) },
      outputs: { schedule: port.schedule() },
      infer: (_, known) => ({ schedule: { count: known.parameter("count") as number } }),
      run: ({ count }) => {
        const at = (index: number) => ({ index, count }) as Step;
        const indexOf = (_: string, value: number) => value;
        return { schedule: { key: `${count}`, count, timesteps: [], indexOf, at, along: (walk) => walk.map(at) } };
      },
    }),
    defineNode({
      ...base,
      type: "guidegraph/index",
      title: "Index",
      inputs: { step: port.step() },
      outputs: { x: port.tensor() },
      run: ({ step }) => {
        calls.push(`index ${step.index}`);
        return { x: tensor(step.index) };
      },
    }),
    defineNode({
      ...base,
      type: "guidegraph/batch",
      title: "Batch",
      perBatch: true,
      inputs: {},
      outputs: { x: port.tensor() },
      run: (_, { batch }) => {
        calls.push(`batch ${batch.index} of ${batch.count}`);
        return { x: tensor(batch.index) };
      },
    }),
    defineNode({
      ...base,
      type: "guidegraph/wait",
      title: "Wait",
      inputs: { x: port.tensor(), ms: port.number({ default: 5, min: 0 }) },
      outputs: { x: port.tensor() },
      run: async ({ x, ms }) => {
        calls.push("wait");
        await new Promise((resolve) => setTimeout(resolve, ms));
        return { x };
      },
    }),
    defineNode({
      ...base,
      type: "guidegraph/fail",
      title: "Fail",
      inputs: { x: port.tensor(), message: port.text({ default: "It broke" }) },
      outputs: { x: port.tensor() },
      run: ({ message }) => {
        throw new GraphError(message, "x");
      },
    }),
    defineNode({
      ...base,
      type: "guidegraph/labels",
      title: "Labels",
      inputs: { mode: port.text({ default: "one", choices: ["one", "two"] }), on: port.boolean({ default: true }) },
      outputs: { labels: port.labels() },
      run: () => ({ labels: { values: [1] } }),
    }),
    defineNode({
      ...base,
      type: "guidegraph/show",
      title: "Show",
      effect: true,
      inputs: { x: port.tensor() },
      outputs: {},
      run: ({ x }, { outputs }) => {
        shown.push(numberIn(x));
        outputs.preview({ dims: [1, 1, 1, 1], data: new Uint8Array([numberIn(x)]) });
        return {};
      },
    }),
  ];
  const registry: Registry = {
    ...Object.fromEntries(Object.entries(nodes as Registry).filter(([, entry]) => isStructure(entry))),
    ...Object.fromEntries(definitions.map((definition) => [definition.type, definition])),
  };
  return { registry, calls, shown };
}

/** No files. */
export const nothingKnown: KnownModels = {
  network: () => {
    throw new GraphError("There are no models here", "file");
  },
  image: () => {
    throw new GraphError("There are no images here", "image");
  },
  tensor: () => {
    throw new GraphError("There are no arrays here", "file");
  },
};

/** A world in which only pictures can be shown. */
export const world: World = {
  models: {} as World["models"],
  images: {} as World["images"],
  tensors: {} as World["tensors"],
  outputs: (path, _, emit) => ({
    preview: (pictures) => emit({ type: "preview", path, pictures }),
    png: async () => {},
    npz: async () => {},
    tensor: async () => {},
    measure: async () => {},
  }),
};

/** Everything a run tells, without the times. */
export async function eventsOf(plan: Plan, options?: RunOptions): Promise<object[]> {
  const events = await lastValueFrom(run(plan, world, options).pipe(toArray()));
  return events.map((event) => ({ ...event, ...("ms" in event && { ms: 0 }) }));
}

/** The story of a run in one line: "1:running 1:done 5#0". */
export const story = (events: readonly object[]): string =>
  (events as RunEvent[])
    .flatMap((event) => {
      if (event.type === "batch") return [];
      if (event.type === "node") return `${event.path}:${event.state}`;
      return event.type === "step" ? `${event.path}#${event.index}` : `${event.path}!`;
    })
    .join(" ");
