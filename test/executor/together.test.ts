/** Which nodes of a loop's step run at once, and what is told of a run of them. */
import { expect, test } from "vitest";
import { everyStep, type NodeStep, plan, type RunEvent, run, type World } from "../../executor/index.ts";
import { releases } from "../../executor/slots.ts";
import { turnsOf } from "../../executor/together.ts";
import { documentBuilder, type InnerBuilder, type Wire } from "../../graphs/document/index.ts";
import { GraphError, HandleError, type Model, nodes } from "../../nodes/index.ts";
import { fakeContext, fakeKnown } from "../support/fake-context.ts";

type Wires = Readonly<Record<"model" | "weak" | "cond_fn" | "x" | "step", Wire>>;
/** The guided prediction of a step. */
type Step = (b: InnerBuilder, wires: Wires) => { readonly prediction: Wire };

const predict = (b: InnerBuilder, { x, step }: Wires, model: Wire, title: string): Wire =>
  b.add("guidegraph/predict", { model, x, step }, title).out("model_output");
const meanVariance = (b: InnerBuilder, { x, step }: Wires, model_output: Wire) =>
  b.add("guidegraph/mean-variance", { model_output, x, step }).out;
const gradient = (b: InnerBuilder, { step }: Wires, cond_fn: Wire, x: Wire): Wire =>
  b.add("guidegraph/guidance-gradient", { cond_fn, x, step }, "Gradient").out("gradient");
const moved = (b: InnerBuilder, prediction: Wire, gradient: Wire): Wire =>
  b.add("guidegraph/condition-score", { prediction, gradient }).out("prediction");
const interval = (b: InnerBuilder, { step }: Wires) =>
  b.add("guidegraph/step-interval", { step, from: 1, to: 1 }).out("condition");

/** By the way networks are wired in a step: which run at once, by their titles. */
const ways: Readonly<Record<string, readonly [sets: readonly string[], step: Step]>> = {
  "a gradient at x": [
    ["Predict, Gradient"],
    (b, w) => {
      const prediction = meanVariance(b, w, predict(b, w, w.model, "Predict"))("prediction");
      return { prediction: moved(b, prediction, gradient(b, w, w.cond_fn, w.x)) };
    },
  ],
  "a gradient at x, scaled by what is made in the step behind the prediction": [
    ["Predict, Gradient"],
    (b, w) => {
      const prediction = meanVariance(b, w, predict(b, w, w.model, "Predict"))("prediction");
      const scale = b.add("guidegraph/step-value", { step: w.step }).out("sigma");
      const classifier = b.add("guidegraph/load-classifier", { file: "judge.pt" }).out("classifier");
      const labels = b.add("guidegraph/class-labels", { classes: "1" }).out("labels");
      const cond_fn = b.add("guidegraph/build-cond-fn", { classifier, labels, scale }).out("cond_fn");
      return { prediction: moved(b, prediction, gradient(b, w, cond_fn, w.x)) };
    },
  ],
  "a gradient at the mean": [
    [],
    (b, w) => {
      const out = meanVariance(b, w, predict(b, w, w.model, "Predict"));
      return { prediction: moved(b, out("prediction"), gradient(b, w, w.cond_fn, out("mean"))) };
    },
  ],
  "two networks": [
    ["Strong, Weak"],
    (b, w) => {
      const [conditional, unconditional] = [predict(b, w, w.model, "Strong"), predict(b, w, w.weak, "Weak")];
      const guided = b.add("guidegraph/classifier-free-guidance", { conditional, unconditional });
      return { prediction: meanVariance(b, w, guided.out("model_output"))("prediction") };
    },
  ],
  "a gradient that is asked for in some steps": [
    [],
    (b, w) => {
      const prediction = meanVariance(b, w, predict(b, w, w.model, "Predict"))("prediction");
      const a = moved(b, prediction, gradient(b, w, w.cond_fn, w.x));
      const either = { condition: interval(b, w), a, b: prediction };
      return { prediction: b.add("guidegraph/switch-prediction", either).out("prediction") };
    },
  ],
  "two networks in every step, and a gradient in some": [
    ["Strong, Weak"],
    (b, w) => {
      const [conditional, unconditional] = [predict(b, w, w.model, "Strong"), predict(b, w, w.weak, "Weak")];
      const slope = gradient(b, w, w.cond_fn, w.x);
      const guided = b.add("guidegraph/classifier-free-guidance", { conditional, unconditional });
      const prediction = meanVariance(b, w, guided.out("model_output"))("prediction");
      const none = b.add("guidegraph/take-as", { tensor: w.x, meaning: "gradient" }).out("tensor");
      const either = b.add("guidegraph/switch", { condition: interval(b, w), a: slope, b: none }).out("tensor");
      return { prediction: moved(b, prediction, either) };
    },
  ],
  "twice in a step, the same networks": [
    ["Predict, Gradient", "Again, Gradient"],
    (b, w) => {
      const first = meanVariance(b, w, predict(b, w, w.model, "Predict"))("prediction");
      const x = b.add("guidegraph/ddim-step", { prediction: moved(b, first, gradient(b, w, w.cond_fn, w.x)) }).out("x");
      const second = meanVariance(b, { ...w, x }, predict(b, { ...w, x }, w.model, "Again"))("prediction");
      return { prediction: moved(b, second, gradient(b, w, w.cond_fn, x)) };
    },
  ],
  "a network that is asked alone too, so that it would be held twice": [
    [],
    (b, w) => {
      const first = meanVariance(b, w, predict(b, w, w.model, "Predict"))("prediction");
      const x = b.add("guidegraph/ddim-step", { prediction: moved(b, first, gradient(b, w, w.cond_fn, w.x)) }).out("x");
      return { prediction: meanVariance(b, { ...w, x }, predict(b, { ...w, x }, w.model, "Again"))("prediction") };
    },
  ],
};

function planned(step: Step) {
  const b = documentBuilder(nodes, { title: "Together" });
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim3" }).out("schedule");
  const [model, weak] = ["a.pt", "b.pt"].map((file) => b.add("guidegraph/load-unet", { file }).out("model"));
  const classifier = b.add("guidegraph/load-classifier", { file: "judge.pt" }).out("classifier");
  const labels = b.add("guidegraph/class-labels", { classes: "1" }).out("labels");
  const cond_fn = b.add("guidegraph/build-cond-fn", { classifier, labels }).out("cond_fn");
  const x = b.add("guidegraph/gaussian-noise", { batch: 2, channels: 3, height: 4, width: 4 }).out("x_T");
  const loop = b.loop("Loop", { schedule, x, model, weak, cond_fn }, (inner) => {
    const given = ["model", "weak", "cond_fn"].map((name) => [
      name,
      inner.input(name, name === "weak" ? "model" : name),
    ]);
    const wires = { ...Object.fromEntries(given), x: inner.input("x", "tensor"), step: inner.input("step", "step") };
    const { prediction } = step(inner, wires as Wires);
    inner.output("x", "tensor", inner.add("guidegraph/ddim-step", { prediction }).out("x"));
  });
  b.add("guidegraph/save-tensor", { tensor: loop.out("x") });
  return plan(b.document(), nodes, fakeKnown());
}

test.each(Object.entries(ways))("%s", (_, [sets, step]) => {
  const one = planned(step);
  const titles = new Map(everyStep(one.steps).map(({ path, title }) => [path, title]));
  const together = one.together?.map((set) => set.map((path) => titles.get(path)).join(", "));
  expect(together).toEqual(sets);
});

/** A world that says what was loaded, and runs what runs at once so. */
function worldOf(fails?: "Predict" | "Gradient") {
  const { models, images, tensors, outputs } = fakeContext();
  const told: string[] = [];
  const loading = (name: string) => ({ load: async (together?: boolean) => told.push(`load ${name} ${together}`) });
  const asked = async <T>(name: string, answer: () => Promise<T>): Promise<T> => {
    told.push(`ask ${name}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (name === fails) throw new GraphError(`${name} cannot be computed`);
    told.push(`answer ${name}`);
    return answer();
  };
  const world: World = {
    ...{ images, tensors, outputs: () => outputs },
    models: {
      ...models,
      async unet(file) {
        const model = await models.unet(file);
        return {
          ...model,
          ...loading(file.file),
          predict: (...given) => asked("Predict", () => model.predict(...given)),
        };
      },
      async condFn(...given) {
        const condFn = await models.condFn(...given);
        return {
          ...condFn,
          ...loading("cond_fn"),
          gradient: (...given) => asked("Gradient", () => condFn.gradient(...given)),
        };
      },
    },
  };
  const together: World["together"] = async (asks) => {
    for (const one of await Promise.allSettled(asks.map((ask) => ask())))
      if (one.status === "rejected") throw one.reason;
  };
  return { told, world, together };
}

const atX = planned(ways["a gradient at x"][1]);
const eventsOf = async (world: World, told: RunEvent[] = []): Promise<RunEvent[]> => {
  await run(atX, world).forEach((event) => void told.push(event as RunEvent));
  return told;
};
const untimed = (events: readonly RunEvent[]) => events.map((event) => ({ ...event, ...("ms" in event && { ms: 0 }) }));
const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);

test("a run tells the same whether they run at once or not, and of their time each its part", async () => {
  const [alone, atOnce] = [worldOf(), worldOf()];
  const events = await eventsOf({ ...atOnce.world, together: atOnce.together });
  expect(untimed(events)).toEqual(untimed(await eventsOf(alone.world)));
  const loaded = ["load a.pt true", "load cond_fn true"];
  expect(alone.told.slice(0, 6)).toEqual([
    ...loaded,
    ...["ask Predict", "answer Predict", "ask Gradient", "answer Gradient"],
  ]);
  expect(atOnce.told.slice(0, 6)).toEqual([
    ...loaded,
    ...["ask Predict", "ask Gradient", "answer Predict", "answer Gradient"],
  ]);
  const inLoop = events.flatMap((one) =>
    one.type === "node" && /\//.test(one.path) && one.state === "done" ? [one.ms] : [],
  );
  expect(sum(inLoop)).toBeLessThanOrEqual(sum(events.flatMap((one) => (one.type === "step" ? [one.ms] : []))));
});

test("who cancels waits for one of those that run one after the other", async () => {
  const { told, world } = worldOf();
  const asked = () => told.filter((line) => line.startsWith("ask"));
  await new Promise<void>((ended) => {
    const subscription = run(atX, {
      ...world,
      models: {
        ...world.models,
        async unet(file) {
          const model = await world.models.unet(file);
          return {
            ...model,
            predict: (...given) => {
              subscription.add(() => setTimeout(ended, 20));
              subscription.unsubscribe();
              return model.predict(...given);
            },
          };
        },
      },
    }).subscribe();
  });
  expect(asked()).toEqual(["ask Predict"]);
});

test.each(["Predict", "Gradient"] as const)("where %s fails its node is told, at once or not", async (fails) => {
  const { path } = everyStep(atX.steps).find(({ title }) => title === fails)!;
  for (const isAtOnce of [false, true]) {
    const { world, together } = worldOf(fails);
    const told: RunEvent[] = [];
    const events = eventsOf({ ...world, ...(isAtOnce && { together }) }, told);
    await expect(events).rejects.toMatchObject({ path, message: `${fails} cannot be computed` });
    expect(told.at(-1)).toMatchObject({ type: "node", path, state: "failed" });
  }
});

test.each([false, true])("what is wrong with a handle is told where that was made; at once: %s", async (isAtOnce) => {
  const { world, together } = worldOf();
  const unet: World["models"]["unet"] = async (file) => {
    const model: Model = {
      ...(await world.models.unet(file)),
      predict: () => Promise.reject(new HandleError("Cannot load it", "file", model)),
    };
    return model;
  };
  const told: RunEvent[] = [];
  const events = eventsOf({ ...world, models: { ...world.models, unet }, ...(isAtOnce && { together }) }, told);
  const { path } = everyStep(atX.steps).find(({ title }) => title === "Load UNet")!;
  await expect(events).rejects.toMatchObject({ path, port: "file", message: "Cannot load it" });
  expect(told.at(-1)).toMatchObject({ type: "node", path, state: "failed", port: "file" });
});

test("what runs at once takes one turn, and lets go of what it read when all of it is done", () => {
  const asker = (path: string, reads: number[], writes: number[]) => ({
    ...{ step: { path } as NodeStep, reads, writes, lazy: [], needs: () => [] },
  });
  const list = [asker("make", [], [0, 1]), asker("a", [0], [2]), asker("between", [1], [3]), asker("b", [1], [4])];
  const turns = turnsOf(list, { together: [["a", "b"]] });
  expect(turns.map(({ ops }) => ops.map(({ step }) => step.path))).toEqual([["make"], ["a", "b"], ["between"]]);
  expect(releases(turns, new Set(), [0, 1, 2])).toEqual([[], [0, 2, 4], [1, 3]]);
});
