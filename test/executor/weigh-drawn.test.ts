/** What a Differentiate takes is told where all that it is drawn by is known, and what is not known refuses no graph that runs. */
import { expect, test } from "vitest";
import { amountOf, plan, weighDrawn } from "../../executor/index.ts";
import { documentBuilder, type LevelBuilder, type Wire } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { withKnown } from "../../runtime/index.ts";
import { models, networks } from "../support/drawn.ts";
import { fakeKnown } from "../support/fake-context.ts";

const nothing = () => Promise.reject(new Error("there is no such file"));
const none = { load: nothing, facts: nothing };

/** Its variable's norms times what `given` wires, pooled where those are pictures of 8×8: numbers cannot be. */
async function weighed(given: (b: LevelBuilder, x: Wire) => Wire, isPooled: boolean) {
  const b = documentBuilder(nodes, { title: "Weighed" });
  const x = b.add("guidegraph/gaussian-noise", { batch: 2, channels: 3, height: 8, width: 8 }).out("x_T");
  const d = b.differentiate("D", { x, other: given(b, x) }, (inner) => {
    const norms = inner.add("guidegraph/reduce", { tensor: inner.input("x", "tensor"), by: "norm" }).out("tensor");
    const product = { formula: "a * b", a: norms, b: inner.input("other", "number,tensor") };
    const made = inner.add("guidegraph/formula", product).out("tensor");
    const tensor = isPooled ? inner.add("guidegraph/average-pool", { tensor: made }).out("tensor") : made;
    inner.output("loss", "tensor", inner.add("guidegraph/reduce", { tensor, by: "sum" }).out("tensor"));
  });
  b.add("guidegraph/save-tensor", { tensor: d.out("gradient") });
  const planned = plan(b.document(), nodes, fakeKnown());
  return amountOf(planned, 1, await weighDrawn(planned, models)).drawn.map(({ title }) => title);
}

const text = (b: LevelBuilder, value: string) => b.add("guidegraph/text", { value }).out("text");
const formula = (b: LevelBuilder, a: Wire, of: string) =>
  b.add("guidegraph/formula", { a, formula: text(b, of) }).out("tensor");

const ways: readonly [string, string[], ...Parameters<typeof weighed>][] = [
  ["a number", ["D"], (b) => b.add("guidegraph/number", { value: 2 }).out("number"), false],
  [
    "a formula of numbers",
    ["D"],
    (b) => {
      const a = b.add("guidegraph/number", { value: 2 }).out("number");
      return b.add("guidegraph/formula", { formula: "a * 2", a }).out("tensor");
    },
    false,
  ],
  ["a tensor of known size", ["D"], (_, x) => x, true],
  ["a tensor of which a wired formula makes what it will", [], (b, x) => formula(b, x, "a + 1"), true],
];

test("what a Number hands on decides as if it were typed", async () => {
  const weightOf = async (condition: (b: LevelBuilder) => Wire | number) => {
    const b = documentBuilder(nodes, { title: "Weighed" });
    const x = b.add("guidegraph/gaussian-noise", { batch: 2, channels: 3, height: 4, width: 4 }).out("x_T");
    const network = b.add("guidegraph/load-network", { file: "reader.onnx" }).out("network");
    const d = b.differentiate("D", { x, network, condition: condition(b) }, (inner) => {
      const x = inner.input("x", "tensor");
      const seen = inner.add("guidegraph/apply-network", { network: inner.input("network", "network"), x });
      const a = inner.add("guidegraph/reduce", { tensor: seen.out("tensor"), by: "norm" }).out("tensor");
      const b = inner.add("guidegraph/reduce", { tensor: x, by: "norm" }).out("tensor");
      const either = { condition: inner.input("condition", "number"), a, b };
      const tensor = inner.add("guidegraph/switch", either).out("tensor");
      inner.output("loss", "tensor", inner.add("guidegraph/reduce", { tensor, by: "sum" }).out("tensor"));
    });
    b.add("guidegraph/save-tensor", { tensor: d.out("gradient") });
    const planned = await withKnown({ networks, images: none, tensors: none }, (known) =>
      plan(b.document(), nodes, known),
    );
    const [{ weights }] = amountOf(planned, 1, await weighDrawn(planned, models)).drawn;
    return weights;
  };
  const typed = await weightOf(() => 1);
  expect(typed).toBeGreaterThan(0);
  const handed = await weightOf((b) => b.add("guidegraph/number", { value: 1 }).out("number"));
  expect(handed).toBe(typed);
});

test.each(ways)("%s", async (_, told, ...given) => {
  expect(await weighed(...given)).toEqual(told);
});
