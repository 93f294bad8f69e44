/** Numbers of samples on wires: N×1×1×1, taken wherever a number weighs something. */
import { expect, test } from "vitest";
import { refusal } from "../../client/edit/fit.ts";
import { documentBuilder } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { catalogue } from "../client/support/catalogue.ts";
import { samples, wiredValue } from "../support/wired-values.ts";

const x = samples([3, 4], [0, 2]);

test("a number a sample scales, weighs and sets the length of each by its own", async () => {
  const lengths = (w: Parameters<Parameters<typeof wiredValue>[0]>[0]) =>
    w.add("guidegraph/reduce", { tensor: w.tensor(x), by: "norm" }).out("tensor");
  const scaled = wiredValue((w) => w.add("guidegraph/scale", { tensor: w.tensor(x), scale: lengths(w) }).out("tensor"));
  expect(await scaled).toEqual(samples([15, 20], [0, 4]));
  const given = { a: samples([1, 1], [1, 1]), b: samples([2, 3], [4, 5]) };
  const added = wiredValue((w) => {
    const wires = { a: w.tensor(given.a), b: w.tensor(given.b), weight_a: lengths(w), weight_b: -1 };
    return w.add("guidegraph/add", wires).out("tensor");
  });
  expect(await added).toEqual(samples([3, 2], [-2, -3]));
  const normalised = wiredValue((w) =>
    w.add("guidegraph/normalise", { tensor: w.tensor(x), norm: w.tensor(samples([10], [1])) }).out("tensor"),
  );
  expect(await normalised).toEqual(samples([6, 8], [0, 1]));
});

test("one for all is a tensor of one sample too", async () => {
  const scaled = (w: Parameters<Parameters<typeof wiredValue>[0]>[0]) =>
    w.add("guidegraph/scale", { tensor: w.tensor(x), scale: w.tensor(samples([2])) }).out("tensor");
  expect(await wiredValue(scaled)).toEqual(samples([6, 8], [0, 4]));
});

test.each([
  ["more than one a sample", samples([1, 2], [3, 4]), /scale \(2×2×1×1\).*one a sample/],
  ["of another batch", samples([1], [2], [3]), /batch must be 2/],
])("numbers %s are refused before the run", async (_, numbers, message) => {
  const scaled = wiredValue((w) =>
    w.add("guidegraph/scale", { tensor: w.tensor(x), scale: w.tensor(numbers) }).out("tensor"),
  );
  await expect(scaled).rejects.toThrow(message);
});

test("numbers are held to the range of the parameter, each of them", async () => {
  const wrong = wiredValue((w) =>
    w.add("guidegraph/normalise", { tensor: w.tensor(x), norm: w.tensor(samples([1], [-3])) }).out("tensor"),
  );
  await expect(wrong).rejects.toThrow(/at least 0, not -3, which sample 1 has/);
});

test("an editor wires a tensor to a weight, and not to a number that is one for all", () => {
  const b = documentBuilder(nodes);
  const loss = b.add("guidegraph/reduce", { tensor: b.input("x", "tensor") });
  const scale = b.add("guidegraph/scale", {});
  const blur = b.add("guidegraph/blur", {});
  const held = { node: loss.id, slot: "tensor", side: "output", kind: "tensor" } as const;
  expect(refusal(b.document(), catalogue, held, scale.id, "scale")).toBeUndefined();
  expect(refusal(b.document(), catalogue, held, blur.id, "sigma")).toMatch(/does not fit “sigma”/);
  const number = b.add("guidegraph/number", {});
  const plain = { node: number.id, slot: "number", side: "output", kind: "number" } as const;
  expect(refusal(b.document(), catalogue, plain, scale.id, "scale")).toBeUndefined();
  expect(refusal(b.document(), catalogue, plain, scale.id, "tensor")).toMatch(/does not fit/);
});
