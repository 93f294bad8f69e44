/** What is known before a graph is traced, where a drawn node reads it. */
import { afterAll, describe, expect, test } from "vitest";
import type { Wire } from "../../graphs/document/index.ts";
import { networks } from "../support/drawn.ts";
import { expectTensor, exportOf, kept, ran, type Start, start } from "../support/exported.ts";

afterAll(() => networks.close());

describe("a port of a number or a tensor", () => {
  const takers: Readonly<Record<string, (from: Start, known: Wire) => Wire>> = {
    "Scale.scale": ({ b, x }, scale) => b.add("guidegraph/scale", { tensor: x, scale }).out("tensor"),
    "Add.weight_b": ({ b, x }, weight_b) => b.add("guidegraph/add", { a: x, b: x, weight_b }).out("tensor"),
    "Normalise.norm": ({ b, x }, norm) => b.add("guidegraph/normalise", { tensor: x, norm }).out("tensor"),
    "Slerp.t": ({ b, x }, t) => {
      const other = b.add("guidegraph/formula", { formula: "a^2 - 1", a: x }).out("tensor");
      return b.add("guidegraph/slerp", { a: x, b: other, t }).out("tensor");
    },
    "Pick.index": ({ b, x }, index) => b.add("guidegraph/pick", { tensor: x, index }).out("tensor"),
    "Formula.b": ({ b, x }, known) => b.add("guidegraph/formula", { formula: "a * b", a: x, b: known }).out("tensor"),
  };

  test.each(Object.entries(takers))("%s takes a tensor that is known before the run", async (_, take) => {
    const document = () => {
      const from = start();
      const a = from.b.add("guidegraph/number", { value: 4 }).out("number");
      return kept(from, take(from, from.b.add("guidegraph/formula", { formula: "a / 4", a }).out("tensor")));
    };
    await expectTensor(await exportOf(document()), document());
  });

  test("a tensor that is out of a parameter's range is refused as in a run", async () => {
    const from = start();
    const norm = from.b.add("guidegraph/formula", { formula: "-1" }).out("tensor");
    const document = kept(from, from.b.add("guidegraph/normalise", { tensor: from.x, norm }).out("tensor"));
    const message = "It must be a number of at least 0, not -1, which sample 0 has";
    await expect(exportOf(document)).rejects.toThrow(message);
    await expect(ran(document)).rejects.toThrow(message);
  });
});
