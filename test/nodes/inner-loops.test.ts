import { lastValueFrom } from "rxjs";
import { expect, test } from "vitest";
import type { Tensor } from "../../diffusion/index.ts";
import { everyStep, plan, run, type Watch } from "../../executor/index.ts";
import { documentBuilder } from "../../graphs/document/index.ts";
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
  const planned = plan(b.document(), nodes, fakeKnown());
  const drawn: string[] = [];
  const see: Watch["see"] = (value) => void drawn.push((value as Tensor).data.join());
  const draws = everyStep(planned.steps).filter(({ title }) => title === "Draw Noise");
  const watch = draws.map(({ path }) => ({ path, output: "eps", see }));
  const world = { ...fakeContext(), outputs: () => fakeContext().outputs };
  await lastValueFrom(run(planned, world, { watch }));
  expect(drawn).toHaveLength(3 + 3 * 3);
  expect(new Set(drawn).size).toBe(drawn.length);
});
