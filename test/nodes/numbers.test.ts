/** Numbers of samples on wires: N×1×1×1, taken wherever a number weighs something. */
import { expect, test } from "vitest";
import { refusal } from "../../client/edit/fit.ts";
import { documentBuilder } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { catalogue } from "../client/support/catalogue.ts";
import { samples, type Wiring, wiredValue } from "../support/wired-values.ts";

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

test("the best of several draws of each sample is a wiring", async () => {
  const draws = samples([1], [7], [3], [9], [2], [4]);
  const best = wiredValue((w) => {
    const tensor = w.tensor(draws);
    const scores = w.add("guidegraph/reduce", { tensor, by: "mean" }).out("tensor");
    const indices = w.add("guidegraph/rank", { scores, of: 3, first: "lowest" }).out("indices");
    return w.add("guidegraph/gather", { tensor, indices }).out("tensor");
  });
  expect(await best).toEqual(samples([1], [2]));
});

test("what does not fit is said before the run, with the port", async () => {
  const pairs = samples([1, 2], [3, 4], [5, 6]);
  const ranked = (given: object) =>
    wiredValue((w) => {
      const scores = w.add("guidegraph/reduce", { tensor: w.tensor(pairs) }).out("tensor");
      return w.add("guidegraph/rank", { scores, ...given }).out("indices");
    });
  await expect(ranked({ of: 2 })).rejects.toThrow(/groups of 2 of a batch of 3/);
  await expect(ranked({ count: 4 })).rejects.toThrow(/best 4 of groups of 3/);
  await expect(wiredValue((w) => w.add("guidegraph/rank", { scores: w.tensor(pairs) }).out("indices"))).rejects.toThrow(
    /scores \(3×2×1×1\)/,
  );
  const picked = wiredValue((w) => w.add("guidegraph/pick", { tensor: w.tensor(pairs), index: 2 }).out("tensor"));
  await expect(picked).rejects.toThrow("index: Cannot pick 2: there are the channels 0 to 1");
});

test("particles of little weight give way to those of much, by the noise of the house", async () => {
  const particles = samples([10, 1], [20, 2], [30, 3], [40, 4]);
  const taken = wiredValue((w) => {
    const schedule = w.add("guidegraph/diffusion-schedule", { timestep_respacing: "10" }).out("schedule");
    const step = w.add("guidegraph/schedule-step", { schedule, index: 4 }).out("step");
    const noise = w.add("guidegraph/gaussian-noise", { batch: 4, height: 4, channels: 1 }).out("noise");
    const log_weights = w.tensor(samples([-40], [0], [-40], [-40]));
    const { out } = w.add("guidegraph/resample", { log_weights, noise, step });
    return w.add("guidegraph/gather", { tensor: w.tensor(particles), indices: out("indices") }).out("tensor");
  });
  expect(await taken).toEqual(samples([20, 2], [20, 2], [20, 2], [20, 2]));
  const pixel = samples([3]);
  const varied = wiredValue((w) => w.add("guidegraph/total-variation", { tensor: w.tensor(pixel) }).out("loss"));
  await expect(varied).rejects.toThrow("tensor: A single pixel has no neighbour");
  const typed = (_: Wiring) => -8;
  const computed = (w: Wiring) => w.add("guidegraph/arithmetic", { a: 2, b: -4 }).out("number");
  for (const left of [typed, computed]) {
    const part = wiredValue((w) =>
      w.add("guidegraph/crop", { tensor: w.tensor(pixel), left: left(w), width: 8 }).out("tensor"),
    );
    await expect(part).rejects.toThrow("Nothing of the picture is in the part");
  }
});
