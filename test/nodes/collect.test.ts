/** What a Collect gives: how many samples are known before a run, and what is said where it has collected nothing. */
import { lastValueFrom } from "rxjs";
import { describe, expect, test } from "vitest";
import type { Tensor } from "../../diffusion/index.ts";
import { type Cache, everyStep, type NodeStep, plan, run, type Values } from "../../executor/index.ts";
import { documentBuilder, type InnerBuilder, type LevelBuilder, type Wire } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { models } from "../support/drawn.ts";
import { fakeContext, fakeKnown } from "../support/fake-context.ts";

type Given = { readonly schedule: Wire; readonly x: Wire };

/** A graph around a schedule of four steps, and two samples of noise. */
function graph(build: (b: LevelBuilder, given: Given) => void) {
  const b = documentBuilder(nodes);
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "4" }).out("schedule");
  const x = b.add("guidegraph/gaussian-noise", { channels: 1, height: 2, width: 2, batch: 2, schedule }).out("x_T");
  build(b, { schedule, x });
  return plan(b.document(), nodes, fakeKnown());
}

const ran = (planned: ReturnType<typeof graph>, saved: (batch: number) => void = () => {}, cache?: Cache) => {
  const outputs = { ...fakeContext().outputs, tensor: async (_: string, { dims: [batch] }: Tensor) => saved(batch) };
  return lastValueFrom(run(planned, { ...fakeContext(), models, outputs: () => outputs }, cache && { cache }));
};

/** Collects x in the steps `from` to `to`, as the loop's `frames`. */
function collected(
  body: InnerBuilder,
  from: number,
  to: number,
): { readonly x: Wire; readonly frames: Wire; readonly step: Wire } {
  const [x, step] = [body.input("x", "tensor"), body.input("step", "step")];
  const condition = body.add("guidegraph/step-interval", { step, measure: "taken", from, to }).out("condition");
  const before = body.input("frames", "tensor");
  const frames = body.add("guidegraph/collect", { tensor: x, before, condition }).out("tensor");
  body.output("x", "tensor", x);
  body.output("frames", "tensor", frames);
  return { x, frames, step };
}

describe("what has not been collected yet", () => {
  const readers: Readonly<Record<string, (body: InnerBuilder, tensor: Wire, condition: Wire) => void>> = {
    "who always needs it": (body, tensor) =>
      body.output("read", "tensor", body.add("guidegraph/scale", { tensor }).out("tensor")),
    "who needs it in some steps": (body, tensor, when) => void body.add("guidegraph/save-tensor", { tensor, when }),
  };
  for (const [who, read] of Object.entries(readers))
    test(`is told at the port of ${who}`, async () => {
      const planned = graph((b, given) => {
        const loop = b.loop("Loop", given, (body) => {
          const { frames, step } = collected(body, 2, 3);
          read(body, frames, body.add("guidegraph/number-formula", { formula: "taken == 1", step }).out("number"));
        });
        b.add("guidegraph/save-tensor", { tensor: loop.out(who.includes("always") ? "read" : "x") });
      });
      await expect(ran(planned)).rejects.toMatchObject({
        ...{ port: "tensor", path: expect.stringMatching(/^3\//) },
        message: 'Nothing is there yet for "tensor": no step so far has given or collected any',
      });
    });

  test("is told at the end of the loop by name", async () => {
    const planned = graph((b, given) => {
      const loop = b.loop("Loop", given, (body) => void collected(body, 7, 9));
      b.add("guidegraph/save-tensor", { tensor: loop.out("frames") });
    });
    await expect(ran(planned)).rejects.toMatchObject({
      ...{ port: "frames", path: "3" },
      message: 'It ends with nothing for "frames": no step has given or collected any',
    });
  });

  test("is told so of a loop that was kept when nobody asked for it", async () => {
    const averaged = (isRead: boolean) =>
      graph((b, given) => {
        const loop = b.loop("Loop", given, (body) => void collected(body, 7, 9));
        const before = isRead ? { before: loop.out("frames") } : {};
        const average = b.add("guidegraph/moving-average", { tensor: loop.out("x"), ...before });
        b.add("guidegraph/save-tensor", { tensor: average.out("tensor") });
      });
    const cache = new Map<string, Values>();
    await ran(averaged(false), undefined, cache);
    await expect(ran(averaged(true), undefined, cache)).rejects.toMatchObject({
      ...{ port: "frames", path: "3" },
      message: 'It ends with nothing for "frames": no step has given or collected any',
    });
  });

  test("is no matter to who does not need it", async () => {
    const planned = graph((b, given) => {
      const loop = b.loop("Loop", given, (body) => {
        const { frames, x, step } = collected(body, 2, 3);
        const condition = body.add("guidegraph/number-formula", { formula: "taken >= 2", step });
        body.output(
          "read",
          "tensor",
          body.add("guidegraph/switch", { condition: condition.out("number"), a: frames, b: x }).out("tensor"),
        );
      });
      b.add("guidegraph/save-tensor", { tensor: loop.out("read") });
    });
    await expect(ran(planned)).resolves.toBeDefined();
  });

  test("is told where a Differentiate reads it", async () => {
    const planned = graph((b, given) => {
      const loop = b.loop("Loop", given, (body) => {
        const { frames, x } = collected(body, 2, 3);
        const slope = body.differentiate("Slope", { x, frames }, (inner) => {
          const product = inner.add("guidegraph/dot", {
            a: inner.input("x", "tensor"),
            b: inner.input("frames", "tensor"),
          });
          inner.output("loss", "tensor", product.out("product"));
        });
        body.output("slope", "tensor", slope.out("gradient"));
      });
      b.add("guidegraph/save-tensor", { tensor: loop.out("slope") });
    });
    await expect(ran(planned)).rejects.toMatchObject({
      port: "b",
      message: expect.stringMatching(/^Nothing is there yet/),
    });
  });
});

describe("how many samples it gives", () => {
  const half = (body: LevelBuilder, tensor: Wire) => body.add("guidegraph/scale", { tensor, scale: 0.5 }).out("tensor");
  const collect = (body: InnerBuilder, ended = (frames: Wire) => frames) => {
    const x = body.input("x", "tensor");
    const frames = body.add("guidegraph/collect", { tensor: x, before: body.input("frames", "tensor") }).out("tensor");
    body.output("x", "tensor", half(body, x));
    body.output("frames", "tensor", ended(frames));
  };
  const cases: Readonly<Record<string, readonly [number | undefined, (b: LevelBuilder, given: Given) => Wire]>> = {
    "is known where it begins with nothing": [
      8,
      (b, given) => b.loop("L", given, (body) => collect(body)).out("frames"),
    ],
    "is not where it begins with some": [
      undefined,
      (b, given) => b.loop("L", { ...given, frames: given.x }, (body) => collect(body)).out("frames"),
    ],
    "is not where what it gives is changed on its way": [
      undefined,
      (b, given) =>
        b
          .loop("L", given, (body) =>
            collect(body, (tensor) => body.add("guidegraph/repeat", { tensor, times: 2 }).out("tensor")),
          )
          .out("frames"),
    ],
    "is not where a loop around goes on with it": [
      undefined,
      (b, given) =>
        b
          .loop("Outer", { ...given, rows: given.schedule }, (outer) => {
            const x = outer.input("x", "tensor");
            const own = { schedule: outer.input("rows", "schedule"), x, frames: outer.input("frames", "tensor") };
            const inner = outer.loop("Inner", own, (body) => collect(body));
            outer.output("x", "tensor", half(outer, inner.out("x")));
            outer.output("frames", "tensor", inner.out("frames"));
          })
          .out("frames"),
    ],
    "is known where each turn of an inner loop begins anew": [
      8,
      (b, given) =>
        b
          .loop("Outer", { ...given, rows: given.schedule }, (outer) => {
            const own = { schedule: outer.input("rows", "schedule"), x: outer.input("x", "tensor") };
            const inner = outer.loop("Inner", own, (body) => collect(body));
            outer.output("x", "tensor", inner.out("x"));
            outer.output("frames", "tensor", inner.out("frames"));
          })
          .out("frames"),
    ],
  };
  for (const [name, [batch, build]] of Object.entries(cases))
    test(`${name}, and is never another in the run`, async () => {
      const planned = graph((b, given) => b.add("guidegraph/save-tensor", { tensor: build(b, given) }));
      const step = everyStep(planned.steps).find(({ title }) => title === "Collect") as NodeStep;
      expect(step.facts.tensor).toMatchObject({ channels: 1 });
      expect((step.facts.tensor as { batch?: number }).batch).toBe(batch);
      const saved: number[] = [];
      await ran(planned, (batch) => saved.push(batch));
      expect(saved).toHaveLength(1);
      if (batch !== undefined) expect(saved).toEqual([batch]);
    });
});
