/**
 * What is told of a Differentiate in a loop, and of a classifier that guides. A gradient that comes out 0 is no error, since it may be meant in some steps: where it is 0
 * throughout, that is told; and of what it draws, in how many steps a choice has needed it.
 */
import { lastValueFrom, toArray } from "rxjs";
import { afterAll, expect, test } from "vitest";
import { plan, run } from "../../executor/index.ts";
import { documentBuilder, type GraphDocument, type InnerBuilder, type Wire } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { graphBuilder, writeModel } from "../../onnx/index.ts";
import { modelsOf } from "../../runtime/index.ts";
import { models, networks } from "../support/drawn.ts";
import { fakeKnown } from "../support/fake-context.ts";
import { memoryNetworks } from "../support/memory-networks.ts";

afterAll(() => networks.close());

const nothing = () => Promise.reject(new Error("there is no such file"));
const files = {
  images: { load: nothing, features: nothing, facts: nothing },
  tensors: { load: nothing, facts: nothing },
};
const outputs = () => ({ preview() {}, async png() {}, async npz() {}, async tensor() {}, async measure() {} });

type Loss = (inner: InnerBuilder, x: Wire, step: Wire) => Wire;

/** What is told of nodes that are done, where a loss is differentiated in each of two steps of a loop. */
async function doneOf(loss: Loss) {
  const b = documentBuilder(nodes, { title: "Flat" });
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "2" }).out("schedule");
  const x = b.add("guidegraph/gaussian-noise", { batch: 1, channels: 3, height: 4, width: 4 }).out("x_T");
  const loop = b.loop("Loop", { schedule, x }, (body) => {
    const given = { x: body.input("x", "tensor"), step: body.input("step", "step") };
    const d = body.differentiate("D", given, (inner) => {
      const tensor = loss(inner, inner.input("x", "tensor"), inner.input("step", "step"));
      inner.output("loss", "tensor", inner.add("guidegraph/reduce", { tensor, by: "sum" }).out("tensor"));
    });
    body.output("x", "tensor", body.add("guidegraph/add", { a: given.x, b: d.out("gradient") }).out("tensor"));
  });
  b.add("guidegraph/save-tensor", { tensor: loop.out("x") });
  return ended(b.document());
}

/** What is told of nodes that are no longer at work. */
async function ended(document: GraphDocument, asked = models) {
  const events$ = run(plan(document, nodes, fakeKnown()), { models: asked, ...files, outputs });
  const events = await lastValueFrom(events$.pipe(toArray()));
  return events.flatMap((event) => (event.type === "node" && event.state !== "running" ? [event] : []));
}

const noteIn = (events: Awaited<ReturnType<typeof ended>>): string | undefined =>
  events.flatMap((event) => (event.state === "done" && event.note) || [])[0];

const noteOf = async (loss: Loss): Promise<string | undefined> => noteIn(await doneOf(loss));

const formula = (inner: InnerBuilder, text: string, a: Wire) =>
  inner.add("guidegraph/formula", { formula: text, a }).out("tensor");

test.each<[string, Loss, string | undefined]>([
  ["a loss with a slope", (inner, x) => formula(inner, "a ^ 2", x), undefined],
  [
    "what is clipped throughout",
    (inner, x) => formula(inner, "clamp(a, 50, 60)", x),
    "Its gradient was 0 everywhere, in all 2 calls: nothing is guided by it",
  ],
  [
    "what a Switch leaves flat in one of the steps",
    (inner, x, step) => {
      const condition = inner.add("guidegraph/step-interval", { step, every: 2 }).out("condition");
      const either = { condition, a: formula(inner, "a ^ 2", x), b: formula(inner, "floor(a)", x) };
      return inner.add("guidegraph/switch", either).out("tensor");
    },
    undefined,
  ],
  [
    "what a typed condition chooses",
    (inner, x) => {
      const either = { condition: 0, a: formula(inner, "a ^ 2", x), b: formula(inner, "floor(a)", x) };
      return inner.add("guidegraph/switch", either).out("tensor");
    },
    "Its gradient was 0 everywhere, in all 2 calls: nothing is guided by it",
  ],
])("%s", async (_, loss, note) => expect(await noteOf(loss)).toBe(note));

/** Guided by a classifier of two classes, of the mean of a picture, with these weights. */
async function guidedBy(weights: readonly number[]): Promise<string | undefined> {
  const op = graphBuilder();
  const mean = op.ReduceMean(op.input("x", "float32", ["N", 3, 4, 4]), op.int64([2, 3]), { keepdims: 0 });
  op.output("logits", op.MatMul(mean, op.float(weights, [3, 2])), "float32", ["N", 2]);
  const own = memoryNetworks(new Map([["judge.onnx", await writeModel(op.model("judge"))]]));
  const b = documentBuilder(nodes, { title: "Guided" });
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "2" }).out("schedule");
  const x = b.add("guidegraph/gaussian-noise", { batch: 1, channels: 3, height: 4, width: 4 }).out("x_T");
  const classifier = b.add("guidegraph/load-classifier", { file: "judge.onnx" }).out("classifier");
  const labels = b.add("guidegraph/class-labels", { count: 1, classes: "1", classifier }).out("labels");
  const cond_fn = b.add("guidegraph/build-cond-fn", { classifier, labels, scale: 3 }).out("cond_fn");
  const loop = b.loop("Loop", { schedule, x, cond_fn }, (body) => {
    const given = { x: body.input("x", "tensor"), step: body.input("step", "step") };
    const asked = { cond_fn: body.input("cond_fn", "cond_fn"), ...given };
    const gradient = body.add("guidegraph/guidance-gradient", asked).out("gradient");
    body.output("x", "tensor", body.add("guidegraph/add", { a: given.x, b: gradient }).out("tensor"));
  });
  b.add("guidegraph/save-tensor", { tensor: loop.out("x") });
  return noteIn(await ended(b.document(), modelsOf(own)).finally(() => own.close()));
}

test("a classifier that says the same of every picture is told where it guides", async () => {
  const flat = "Its gradient was 0 everywhere, in all 2 calls: nothing is guided by it";
  expect(await guidedBy([0, 0, 0, 0, 0, 0])).toBe(flat);
  expect(await guidedBy([1, -1, 1, -1, 1, -1])).toBeUndefined();
});

test.each(["typed", "wired"])("a %s choice of two sides without a gradient is refused in the run too", async (way) => {
  const noted = noteOf((inner, x, step) => {
    const wired = inner.add("guidegraph/step-interval", { step, every: 2 }).out("condition");
    const condition = way === "typed" ? 0 : wired;
    const either = { condition, a: formula(inner, "floor(2 * a)", x), b: formula(inner, "floor(a)", x) };
    return inner.add("guidegraph/switch", either).out("tensor");
  });
  await expect(noted).rejects.toThrow("it is 0 everywhere, since every path");
});

/** Of the nodes that the Differentiate draws, by title: in how many steps, of how many. */
async function neededIn(
  condition: (inner: InnerBuilder, step: Wire) => Wire | number,
): Promise<Record<string, string>> {
  const done = await doneOf((inner, x, step) => {
    const a = inner.add("guidegraph/formula", { formula: "a ^ 2", a: x }, "A").out("tensor");
    const b = inner.add("guidegraph/scale", { tensor: x, scale: 2 }, "B").out("tensor");
    const more = inner.add("guidegraph/scale", { tensor: b, scale: 2 }, "B too").out("tensor");
    const either = { condition: condition(inner, step), a, b: more };
    return inner.add("guidegraph/switch", either).out("tensor");
  });
  const titles: Readonly<Record<string, string>> = { 3: "A", 4: "B", 5: "B too" };
  return Object.fromEntries(
    done.flatMap((event) => {
      const title = titles[event.path.split("/")[2] ?? ""];
      if (title === undefined) return [];
      if (event.state !== "done") return [[title, event.state]];
      return [[title, `${event.calls} of ${(event.calls ?? 0) + (event.skipped ?? 0)}`]];
    }),
  );
}

test("what a choice inside of it needs in some steps alone is told as of nodes outside", async () => {
  const everyOther = (inner: InnerBuilder, step: Wire) =>
    inner.add("guidegraph/step-interval", { step, every: 2 }).out("condition");
  expect(await neededIn(everyOther)).toEqual({ A: "1 of 2", B: "1 of 2", "B too": "1 of 2" });
  expect(await neededIn(() => 1)).toEqual({ B: "skipped", "B too": "skipped" });
});
