/** What a loop carries without a first value, which is absent in its first step. */
import { afterAll, describe, expect, test } from "vitest";
import type { GraphDocument, InnerBuilder, Wire } from "../../graphs/document/index.ts";
import { networks } from "../support/drawn.ts";
import { expectTensor, exportOf, kept, ran, start } from "../support/exported.ts";

afterAll(() => networks.close());

describe("what a loop carries without a first value, in the loops within", () => {
  const twice = { order: "1,0" };
  /** The loop carries `before`, the x that it had; `inside` gives the next x. */
  function carrying(inside: (inner: InnerBuilder, x: Wire, before: Wire, rows: Wire) => Wire): GraphDocument {
    const from = start();
    const loop = from.b.loop("Outer", { schedule: from.schedule, rows: from.schedule, x: from.x }, (inner) => {
      const x = inner.input("x", "tensor");
      const next = inside(inner, x, inner.input("before", "tensor"), inner.input("rows", "schedule"));
      inner.output("x", "tensor", next);
      inner.output("before", "tensor", x);
    });
    return kept(from, loop.out("x"));
  }
  const averaged = (inner: InnerBuilder, x: Wire, before: Wire) => {
    const tensor = inner.add("guidegraph/formula", { formula: "0.9 * a + 0.1", a: x });
    return inner.add("guidegraph/moving-average", { tensor: tensor.out("tensor"), before, decay: 0.3 }).out("tensor");
  };
  const insideOf = (inner: InnerBuilder, given: object, build: (deep: InnerBuilder) => void) =>
    inner.loop("Inside", { ...twice, ...given }, build).out("x");

  test.each<[string, () => GraphDocument]>([
    [
      "read in a loop within",
      () =>
        carrying((inner, x, before, schedule) =>
          insideOf(inner, { schedule, x, before }, (deep) =>
            deep.output("x", "tensor", averaged(deep, deep.input("x", "tensor"), deep.input("before", "tensor"))),
          ),
        ),
    ],
    [
      "read two loops within, beside one of the loop between",
      () =>
        carrying((inner, x, before, schedule) =>
          insideOf(inner, { schedule, rows: schedule, x, before }, (deep) => {
            const given = { schedule: deep.input("rows", "schedule"), x: deep.input("x", "tensor") };
            const outer = deep.input("before", "tensor");
            const made = insideOf(deep, { ...given, outer, between: deep.input("own", "tensor") }, (deepest) => {
              const x = deepest.input("x", "tensor");
              const a = averaged(deepest, x, deepest.input("outer", "tensor"));
              const b = averaged(deepest, x, deepest.input("between", "tensor"));
              deepest.output("x", "tensor", deepest.add("guidegraph/add", { a, b, weight_b: -0.5 }).out("tensor"));
            });
            deep.output("x", "tensor", made);
            deep.output("own", "tensor", given.x);
          }),
        ),
    ],
  ])("%s is absent in its own first step alone", async (_, document) => {
    await expectTensor(await exportOf(document()), document());
  });

  test("is refused as what another carries first", async () => {
    const document = carrying((inner, x, before, schedule) =>
      insideOf(inner, { schedule, rows: schedule, x, before }, (deep) => {
        const before = deep.input("before", "tensor");
        const own = insideOf(deep, { schedule: deep.input("rows", "schedule"), x: before }, (deepest) => {
          const x = deepest.input("x", "tensor");
          deepest.output("x", "tensor", averaged(deepest, x, x));
        });
        deep.output("x", "tensor", averaged(deep, deep.input("x", "tensor"), own));
      }),
    );
    await expect(exportOf(document)).rejects.toThrow("“x” has no first value in the first step of the loop around");
  });

  /** Either x or what it was before, as `condition` says. */
  const chosen = (condition: (inner: InnerBuilder) => Wire | number) =>
    carrying((inner, x, a) => {
      const b = inner.add("guidegraph/scale", { tensor: x, scale: 0.5 }).out("tensor");
      return inner.add("guidegraph/switch", { condition: condition(inner), a, b }).out("tensor");
    });
  test.each<[string, Parameters<typeof chosen>[0]]>([
    ["typed", () => 1],
    [
      "of the step",
      (inner) => {
        const step = inner.input("step", "step");
        return inner.add("guidegraph/step-interval", { step, measure: "taken", from: 0, to: 1 }).out("condition");
      },
    ],
  ])("is refused where a condition that is %s chooses it first, as in a run", async (_, condition) => {
    const refused = { port: "a", message: expect.stringMatching(/^Cannot choose a in the first step: it is carried/) };
    await expect(ran(chosen(condition))).rejects.toMatchObject(refused);
    await expect(exportOf(chosen(condition))).rejects.toMatchObject(refused);
  });

  test("is refused where a Differentiate chooses it first", async () => {
    const document = carrying((inner, x, before) => {
      const d = inner.differentiate("D", { x, before }, (deep) => {
        const [b, a] = [deep.input("x", "tensor"), deep.input("before", "tensor")];
        const tensor = deep.add("guidegraph/switch", { condition: 1, a, b }).out("tensor");
        const product = deep.add("guidegraph/dot", { a: tensor, b }).out("product");
        deep.output("loss", "tensor", product);
      });
      return inner.add("guidegraph/add", { a: x, b: d.out("gradient"), weight_b: 0.1 }).out("tensor");
    });
    await expect(ran(document)).rejects.toMatchObject({
      ...{ port: "a", message: expect.stringMatching(/^Cannot choose a in the first step: it is carried/) },
    });
  });

  test("is refused as what a loop leaves", async () => {
    const document = carrying((inner, x, before, schedule) => {
      const loop = inner.loop("Inside", { ...twice, schedule, before }, (deep) =>
        deep.output("last", "tensor", deep.input("before", "tensor")),
      );
      return averaged(inner, x, loop.out("last"));
    });
    await expect(exportOf(document)).rejects.toThrow("“last” has no value in the first step");
  });
});
