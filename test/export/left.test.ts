/** What a loop leaves of its last step beside what it carries: the same in a run and in its export. */
import { afterAll, expect, test } from "vitest";
import type { GraphDocument, InnerBuilder, Wire } from "../../graphs/document/index.ts";
import { networks } from "../support/drawn.ts";
import { expectTensor, exportOf, kept, ran, start } from "../support/exported.ts";

afterAll(() => networks.close());

/** Of a loop that halves x in each of three steps what `build` makes of x as a step is given it. */
function left(build: (inner: InnerBuilder, x: Wire, next: Wire) => Wire): GraphDocument {
  const from = start();
  const loop = from.b.loop("Loop", { schedule: from.schedule, order: "2,1,0", x: from.x }, (inner) => {
    const x = inner.input("x", "tensor");
    const next = inner.add("guidegraph/scale", { tensor: x, scale: 0.5 }).out("tensor");
    inner.output("left", "tensor", build(inner, x, next));
    inner.output("x", "tensor", next);
  });
  return kept(from, loop.out("left"));
}

/** Carried as well: the x of the step before, which has no first value. */
const before = (inner: InnerBuilder, x: Wire): Wire => {
  inner.output("before", "tensor", x);
  return inner.input("before", "tensor");
};

test.each<[string, Parameters<typeof left>[0], number]>([
  ["what it makes of it", (_inner, _x, next) => next, 1 / 8],
  ["x as it was given", (_, x) => x, 1 / 4],
  ["x as the step before was given it", (inner, x) => before(inner, x), 1 / 2],
  [
    "x as it was given, of a loop within",
    (inner, x) => {
      const schedule = inner.add("guidegraph/diffusion-schedule", { timestep_respacing: "4" }).out("schedule");
      const within = inner.loop("Inside", { schedule, order: "1,0", x }, (deep) => {
        const x = deep.input("x", "tensor");
        deep.output("left", "tensor", x);
        deep.output("x", "tensor", deep.add("guidegraph/scale", { tensor: x, scale: 0.5 }).out("tensor"));
      });
      return within.out("left");
    },
    1 / 8,
  ],
])("the last step leaves %s", async (_, build, factor) => {
  const document = left(build);
  const { tensor } = await ran(document);
  const { tensor: begun } = await ran(kept(...begin()));
  expect([...tensor]).toEqual([...begun.map((value) => value * factor)]);
  await expectTensor(await exportOf(document), document);
});

const begin = (): Parameters<typeof kept> => {
  const from = start();
  return [from, from.x];
};
