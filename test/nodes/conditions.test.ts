/** Steps told apart by their numbers, and what is asked for in those alone. */
import { lastValueFrom, toArray } from "rxjs";
import { describe, expect, test } from "vitest";
import { type Step, schedule, type Tensor } from "../../diffusion/index.ts";
import { plan, run } from "../../executor/index.ts";
import { documentBuilder, type GraphDocument, type InnerBuilder } from "../../graphs/document/index.ts";
import { examples } from "../../graphs/recipes/index.ts";
import { nodes } from "../../nodes/index.ts";
import { fakeContext, fakeKnown } from "../support/fake-context.ts";

const made = schedule({ noiseSchedule: "cosine", timestepRespacing: "ddim10" });
const condition = (step: Step, set: object) =>
  nodes["guidegraph/step-interval"].run(
    { step, measure: "progress", from: 0, to: 1, every: 1, ...set },
    fakeContext(),
  ) as { readonly condition: number };
const inWalk = (walk: readonly number[], set: object): number[] =>
  made.along(walk).flatMap((step) => (condition(step, set).condition ? [step.index] : []));
const down = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0];

describe("Step Interval", () => {
  test("measures by what Step Value gives", () => {
    for (const step of made.along(down)) {
      const values = nodes["guidegraph/step-value"].run({ step }, fakeContext()) as Readonly<Record<string, number>>;
      for (const measure of ["progress", "noise_level", "lambda", "t", "index", "taken"]) {
        const value = values[measure];
        expect(condition(step, { measure, from: value, to: value }).condition).toBe(1);
        expect(condition(step, { measure, from: value + 1e-9, to: value + 1 }).condition).toBe(0);
      }
      expect(values.noise_level).toBeCloseTo(values.sigma / values.signal, 12);
      expect(values.lambda).toBeCloseTo(-Math.log(values.noise_level), 12);
    }
  });

  test("counts the steps of the walk, not the rows of the schedule", () => {
    expect(inWalk(down, { every: 3 })).toEqual([9, 6, 3, 0]);
    expect(inWalk([4, 3, 2, 1, 0], { from: 0, to: 0.5 })).toEqual([4, 3, 2]);
    expect(inWalk([2, 1, 2, 1, 0], { measure: "taken", from: 1, to: 2 })).toEqual([1, 2]);
    expect(inWalk([0, 1, 2, 3], { from: 1 })).toEqual([3]);
  });

  test("refuses an interval that is none", () => {
    expect(() => condition(made.at(3), { from: 2, to: 1 })).toThrow("No step lies from 2 to 1");
  });
});

/** What a document's nodes told at their end, by title, in a world of fake networks. */
async function told(document: GraphDocument) {
  const { network, ...rest } = fakeKnown();
  const ten = { ...rest, network: (...file: Parameters<typeof network>) => ({ ...network(...file), classes: 10 }) };
  const planned = plan(document, nodes, ten);
  const { models, ...world } = { ...fakeContext(), outputs: () => fakeContext().outputs };
  const classifier: typeof models.classifier = async (file) => {
    const { facts, ...rest } = await models.classifier(file);
    return { ...rest, facts: { ...facts, classes: 10 } };
  };
  return (await lastValueFrom(run(planned, { ...world, models: { ...models, classifier } }).pipe(toArray()))).flatMap(
    (event) => (event.type === "node" && event.state === "done" ? [event] : []),
  );
}

test.each(Object.keys(examples).filter((name) => ["guidance-interval", "gradient-reuse"].includes(name)))(
  "%s calls its classifier in some of the steps, and the UNet in all",
  async (name) => {
    const events = await told(examples[name]());
    const skipped = events.filter((event) => event.skipped);
    expect(skipped.length).toBeGreaterThan(0);
    for (const { calls, skipped: not } of skipped) expect([25, 50]).toContain((calls ?? 0) + (not ?? 0));
  },
);

test("trajectory collects x̂₀ of every sixth step, and saves ε of the same", async () => {
  const { models, images, tensors } = fakeContext();
  const { network, ...rest } = fakeKnown();
  const ten = { ...rest, network: (...file: Parameters<typeof network>) => ({ ...network(...file), classes: 10 }) };
  const classifier: typeof models.classifier = async (file) => {
    const { facts, ...more } = await models.classifier(file);
    return { ...more, facts: { ...facts, classes: 10 } };
  };
  const saved: number[][] = [];
  const outputs = () => ({
    ...fakeContext().outputs,
    tensor: async (_: string, { dims }: { readonly dims: readonly number[] }) => void saved.push([...dims]),
  });
  const world = { models: { ...models, classifier }, images, tensors, outputs };
  const seen: number[][] = [];
  const planned = plan(examples.trajectory(), nodes, ten);
  const loop = planned.steps.find((step) => step.is === "loop")!;
  const see = (value: unknown, { index }: { readonly index?: number }) => {
    if (index !== undefined) seen.push([...(value as Tensor).dims]);
    return undefined;
  };
  await lastValueFrom(run(planned, world, { watch: [{ path: loop.path, output: "frames", see }] }));
  expect(saved).toEqual(new Array(5).fill([6, 3, 4, 4]));
  expect(seen.map(([batch]) => batch)).toEqual(Array.from({ length: 25 }, (_, k) => 6 * (Math.floor(k / 6) + 1)));
});

/** DDIM whose gradient is a choice; `how` wires it. */
function choosing(how: (inner: InnerBuilder) => Parameters<InnerBuilder["add"]>[1], carries: boolean): GraphDocument {
  const b = documentBuilder(nodes);
  const model = b.add("guidegraph/load-unet", { file: "unet.pt" }).out("model");
  const process = b.add("guidegraph/diffusion-schedule", { model, timestep_respacing: "ddim5" }).out("schedule");
  const noise = b.add("guidegraph/gaussian-noise", { model, batch: 2, schedule: process });
  const loop = b.loop("Loop", { schedule: process, x: noise.out("x_T") }, (inner) => {
    const chosen = inner.add("guidegraph/switch", how(inner)).out("tensor");
    inner.output("x", "tensor", chosen);
    if (carries) inner.output("before", "tensor", chosen);
  });
  b.add("guidegraph/save-tensor", { tensor: loop.out("x") });
  return b.document();
}

test("a choice of one is refused before the run, and of what no step has made yet in words", async () => {
  const alone = choosing((inner) => ({ a: inner.input("x", "tensor") }), false);
  expect(() => plan(alone, nodes, fakeKnown())).toThrow('Nothing is wired to "b"');
  const early = choosing(
    (inner) => ({ condition: 0, a: inner.input("x", "tensor"), b: inner.input("before", "tensor") }),
    true,
  );
  await expect(told(early)).rejects.toMatchObject({ port: "b", message: /no step has made it yet/ });
});
