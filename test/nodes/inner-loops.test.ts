import { lastValueFrom } from "rxjs";
import { expect, test } from "vitest";
import type { Tensor } from "../../diffusion/index.ts";
import { everyStep, plan, run, type Watch } from "../../executor/index.ts";
import { documentBuilder, type Graph, type GraphDocument } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { fakeContext, fakeKnown } from "../support/fake-context.ts";

test("an inner loop draws anew at each step around it, and never what that step draws", async () => {
  const b = documentBuilder(nodes);
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim5" }).out("schedule");
  const begin = b.add("guidegraph/gaussian-noise", { channels: 1, height: 2, width: 2, batch: 1, schedule });
  const given = { schedule, x: begin.out("x_T"), noise: begin.out("noise") };
  const outer = b.loop("Outer", { ...given, order: "4,3,2" }, (middle) => {
    const [step, noise] = [middle.input("step", "step"), middle.input("noise", "noise")];
    const eps = middle.add("guidegraph/draw-noise", { noise, step });
    const within = { schedule: middle.input("schedule", "schedule"), order: "4,4,3", noise };
    const x = middle.add("guidegraph/add", { a: middle.input("x", "tensor"), b: eps.out("eps") }).out("tensor");
    const loop = middle.loop("Inner", { ...within, x }, (inner) => {
      const own = { noise: inner.input("noise", "noise"), step: inner.input("step", "step") };
      const drawn = inner.add("guidegraph/draw-noise", own);
      const sum = inner.add("guidegraph/add", { a: inner.input("x", "tensor"), b: drawn.out("eps") });
      inner.output("x", "tensor", sum.out("tensor"));
    });
    middle.output("x", "tensor", loop.out("x"));
  });
  b.add("guidegraph/save-tensor", { tensor: outer.out("x") });
  const drawn = await drawsOf(b.document());
  expect(drawn).toHaveLength(3 + 3 * 3);
  expect(new Set(drawn).size).toBe(drawn.length);
});

/** Two loops of the same steps in one, which read its step or nothing of it; `targets` as of `plan`. */
function siblings(isOfTheStep: boolean) {
  const b = documentBuilder(nodes);
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim5" }).out("schedule");
  const begin = b.add("guidegraph/gaussian-noise", { channels: 1, height: 2, width: 2, batch: 1, schedule });
  const given = { schedule, x: begin.out("x_T"), begun: begin.out("x_T"), noise: begin.out("noise"), order: "4,3" };
  const outer = b.loop("Outer", given, (middle) => {
    const [noise, rows] = [middle.input("noise", "noise"), middle.input("schedule", "schedule")];
    const [moving, begun] = [middle.input("x", "tensor"), middle.input("begun", "tensor")];
    const step = middle.input("step", "step");
    const one = () =>
      middle.loop("Inner", { schedule: rows, order: "4,3", noise, x: isOfTheStep ? moving : begun }, (inner) => {
        const own = { noise: inner.input("noise", "noise"), step: inner.input("step", "step") };
        const drawn = inner.add("guidegraph/draw-noise", own).out("eps");
        const sum = inner.add("guidegraph/add", { a: inner.input("x", "tensor"), b: drawn });
        inner.output("x", "tensor", sum.out("tensor"));
      });
    const both = middle.add("guidegraph/add", { a: one().out("x"), b: one().out("x") }).out("tensor");
    const eps = middle.add("guidegraph/draw-noise", { noise, step }).out("eps");
    middle.output("x", "tensor", middle.add("guidegraph/add", { a: both, b: eps }).out("tensor"));
  });
  b.add("guidegraph/save-tensor", { tensor: outer.out("x") });
  return b.document();
}

test.each([
  [true, 2 + 2 * 2 * 2],
  [false, 2 + 2 * 2],
])("loops side by side in another draw apart, and apart from it (of its step: %s)", async (isOfTheStep, count) => {
  const drawn = await drawsOf(siblings(isOfTheStep));
  expect(drawn).toHaveLength(count);
  expect(new Set(drawn).size).toBe(count);
});

test("what a loop in another draws is the same when only it is run to, and wherever its node stands", async () => {
  const document = siblings(true);
  const all = await drawsOf(document);
  const second = everyStep(plan(document, nodes, fakeKnown()).steps).filter(({ title }) => title === "Inner")[1];
  const alone = await drawsOf(document, [second.path]);
  expect(all).toEqual(expect.arrayContaining(alone.slice(0, 2)));
  expect(new Set(await drawsOf(turned(document)))).toEqual(new Set(all));
});

const turned = <T extends Graph>(graph: T): T => ({
  ...graph,
  nodes: graph.nodes.toReversed().map((node) => ({ ...node, ...(node.inner && { inner: turned(node.inner) }) })),
});

/** Every draw of a run, of whichever loop. */
async function drawsOf(document: GraphDocument, targets?: string[]): Promise<string[]> {
  const planned = plan(document, nodes, fakeKnown(), targets);
  const drawn: string[] = [];
  const see: Watch["see"] = (value) => void drawn.push((value as Tensor).data.join());
  const draws = everyStep(planned.steps).filter(({ title }) => title === "Draw Noise");
  const watch = draws.map(({ path }) => ({ path, output: "eps", see }));
  const world = { ...fakeContext(), outputs: () => fakeContext().outputs };
  await lastValueFrom(run(planned, world, { watch }));
  return drawn;
}
