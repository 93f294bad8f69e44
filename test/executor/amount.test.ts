import { describe, expect, test } from "vitest";
import { amountOf, checkAmount, type GraphErrors, maxFiles, plan, weighDrawn } from "../../executor/index.ts";
import { documentBuilder, type Wire } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { fakeKnown } from "../support/fake-context.ts";

const noise = { batch: 2, height: 8, width: 8, channels: 3 };
/** Of a tensor, and of pictures, of that size. */
const floats = 2 * 3 * 8 * 8 * 4;
const bytes = floats / 4;

function planned(save: (b: ReturnType<typeof documentBuilder>, image: Wire) => void, chain = 0) {
  const b = documentBuilder(nodes, { title: "Amount" });
  let x = b.add("guidegraph/gaussian-noise", noise).out("x_T");
  for (let i = 0; i < chain; i++) x = b.add("guidegraph/scale", { tensor: x, scale: 2 }).out("tensor");
  save(b, b.add("guidegraph/decode-image", { x }).out("image"));
  return plan(b.document(), nodes, fakeKnown());
}
const pngs = planned((b, images) => b.add("guidegraph/save-png", { images }));
const npz = planned((b, images) => b.add("guidegraph/save-npz", { images }));
const text = (size: number) => `${size} bytes`;
const refused = (...given: Parameters<typeof checkAmount>) => {
  try {
    checkAmount(...given);
    return [];
  } catch (error) {
    return (error as GraphErrors).errors.map(({ message, path }) => [path, message]);
  }
};

describe("amountOf", () => {
  test("counts the values that are there at one time, and lets go of those that nobody reads any more", () => {
    const loose = amountOf(
      planned((b, images) => b.add("guidegraph/preview", { images }), 5),
      1,
    );
    expect(loose).toMatchObject({ calls: 8, bytes: 2 * floats, files: 0, fileBytes: 0 });
  });

  test("counts a file a picture, and of an NPZ one, whose batches wait beside it until the last is in", () => {
    expect(amountOf(pngs, 3)).toMatchObject({ files: 6, fileBytes: 3 * bytes, bytes: floats + bytes });
    expect(amountOf(npz, 1)).toMatchObject({ files: 1, fileBytes: bytes, bytes: floats + bytes });
    expect(amountOf(npz, 3)).toMatchObject({ files: 1, fileBytes: 2 * 3 * bytes, bytes: floats + bytes });
  });

  test("counts what a loop saves at each step, and what it collects, but not what a wire may leave out", () => {
    const saving = (when: "always" | "wired", collects = false) => {
      const b = documentBuilder(nodes, { title: "Loop" });
      const x = b.add("guidegraph/gaussian-noise", noise).out("x_T");
      const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim10" }).out("schedule");
      const loop = b.loop("Loop", { schedule, x }, (inner) => {
        const [tensor, step] = [inner.input("x", "tensor"), inner.input("step", "step")];
        const picked = when === "wired" && inner.add("guidegraph/step-interval", { step, every: 5 }).out("condition");
        inner.add("guidegraph/save-tensor", { tensor, ...(picked && { when: picked }) });
        const before = inner.input("all", "tensor");
        inner.output("x", "tensor", inner.add("guidegraph/scale", { tensor, scale: 0.5 }).out("tensor"));
        if (collects) inner.output("all", "tensor", inner.add("guidegraph/collect", { tensor, before }).out("tensor"));
      });
      if (collects) b.add("guidegraph/save-tensor", { tensor: loop.out("all") });
      return amountOf(plan(b.document(), nodes, fakeKnown()), 1);
    };
    expect(saving("always")).toMatchObject({ files: 1, fileBytes: 2 * 10 * floats, hasConditions: false });
    expect(saving("wired")).toMatchObject({ files: 1, fileBytes: floats, hasConditions: true });
    const collected = saving("always", true);
    expect(collected.fileBytes).toBe(2 * 10 * floats + 10 * floats);
    expect(collected.bytes).toBeGreaterThan(10 * floats);
  });

  test.each([
    ["typed", 5 + 3, false],
    ["computed of what is typed", 6 + 3, false],
    ["known when it runs", 6 + 1, true],
  ])("counts calls of a loop whose start is %s, and what is held inside beside what waits", (way, calls, isOpen) => {
    const { foretold, ...late } = nodes["guidegraph/number-formula"];
    const registry = way === "known when it runs" ? { ...nodes, "guidegraph/number-formula": late } : nodes;
    expect(foretold).toBe(true);
    const b = documentBuilder(registry as never, { title: "Loop" });
    const x = b.add("guidegraph/gaussian-noise", noise).out("x_T");
    const schedule = b
      .add("guidegraph/diffusion-schedule", { diffusion_steps: 100, timestep_respacing: "10" })
      .out("schedule");
    const start = way === "typed" ? 2 : b.add("guidegraph/number-formula", { formula: "2" }).out("number");
    const loop = b.loop("Loop", { schedule, x, start }, (inner) => {
      const scaled = inner.add("guidegraph/scale", { tensor: inner.input("x", "tensor"), scale: 0.5 }).out("tensor");
      inner.output("x", "tensor", scaled);
    });
    const sum = b.add("guidegraph/add", { a: loop.out("x"), b: x }).out("tensor");
    b.add("guidegraph/preview", { images: b.add("guidegraph/decode-image", { x: sum }).out("image") });
    const amount = amountOf(plan(b.document(), registry as never, fakeKnown()), 1);
    expect(amount).toMatchObject({ calls, hasOpenLoops: isOpen, bytes: 3 * floats });
  });
});

describe("a Differentiate", () => {
  const squared = (batch: number, times: number | "wired" = 1) => {
    const b = documentBuilder(nodes, { title: "D" });
    const x = b.add("guidegraph/gaussian-noise", { ...noise, batch }).out("x_T");
    const wired = times === "wired" && b.add("guidegraph/number-formula", { formula: "2" }).out("number");
    const d = b.differentiate("D", { x, ...(wired && { times: wired }) }, (inner) => {
      const given = { tensor: inner.input("x", "tensor"), times: wired ? inner.input("times", "number") : times };
      const tensor = inner.add("guidegraph/repeat", given as never).out("tensor");
      inner.output("loss", "tensor", inner.add("guidegraph/reduce", { tensor, by: "norm" }).out("tensor"));
    });
    b.add("guidegraph/save-tensor", { tensor: d.out("gradient") });
    return plan(b.document(), nodes, fakeKnown());
  };
  /** So much a sample of its variable, and for networks; and what it was asked with. */
  const asked: unknown[] = [];
  const models = {
    differentiated: () => ({
      weigh: async (x: { dims: number[] }, outside: unknown[], wishes: unknown[]) => {
        asked.push([x.dims, outside, wishes]);
        return { values: 1_000 * x.dims[0], weights: 500 };
      },
    }),
  } as never;

  test("is weighed by its shapes, and counts while it runs", async () => {
    const planned = squared(2, 3);
    const weights = await weighDrawn(planned, models);
    expect(asked.at(-1)).toEqual([[2, 3, 8, 8], [3, "each", "norm", "sample"], ["gradient"]]);
    const [plain, whole] = [amountOf(planned, 1), amountOf(planned, 1, weights)];
    expect(plain.drawn).toEqual([]);
    expect(whole).toMatchObject({ drawn: [{ title: "D", values: 2_000, weights: 500 }] });
    // Its variable is there too, and its gradient is not there yet.
    expect(whole.bytes).toBe(floats + 2_500);
  });

  test("that would hold too much is refused by name", async () => {
    const amount = async (batch: number) => {
      const planned = squared(batch);
      return amountOf(planned, 1, await weighDrawn(planned, models));
    };
    const caps = { bytes: 10_000, fileBytes: 1e9 };
    expect(refused(await amount(2), caps, text)).toEqual([]);
    expect(refused(await amount(20), { ...caps, bytes: 30_000 }, text)).toEqual([
      [
        (await amount(20)).drawn[0].path,
        "“D” would hold 20500 bytes while it is differentiated, with which there are 35860 bytes at one time; a run here may hold 30000 bytes: use smaller or fewer pictures in a batch",
      ],
    ]);
  });

  test("on a card is held to the card's memory alone, and what is known of none to none", async () => {
    const planned = squared(20);
    const amount = amountOf(planned, 1, await weighDrawn(planned, models), true);
    expect(amount).toMatchObject({ bytes: amountOf(planned, 1).bytes, drawn: [{ values: 20_000, weights: 500 }] });
    const caps = { bytes: amount.bytes, fileBytes: 1e9 };
    for (const cardBytes of [30_000, Number.POSITIVE_INFINITY])
      expect(refused(amount, { ...caps, cardBytes }, text)).toEqual([]);
    expect(refused(amount, { ...caps, cardBytes: 20_000 }, text)).toEqual([
      [
        amount.drawn[0].path,
        "“D” would hold 20500 bytes while it is differentiated; the graphics card has 20000 bytes: use smaller or fewer pictures in a batch",
      ],
    ]);
  });

  test.each<[string, boolean]>([
    ["typed", false],
    ["wired", true],
  ])("with a %s condition: whether it decides what leads to it is %s", (way, hasConditions) => {
    const b = documentBuilder(nodes, { title: "D" });
    const x = b.add("guidegraph/gaussian-noise", noise).out("x_T");
    const wired = way === "wired" && b.add("guidegraph/number-formula", { formula: "1" }).out("number");
    const other = b.add("guidegraph/scale", { tensor: x, scale: 0.5 }).out("tensor");
    const d = b.differentiate("D", { x, other, ...(wired && { wired }) }, (inner) => {
      const [a, b] = [inner.input("x", "tensor"), inner.input("other", "tensor")];
      const condition = wired ? inner.input("wired", "number") : 1;
      const tensor = inner.add("guidegraph/switch", { condition, a, b }).out("tensor");
      inner.output("loss", "tensor", inner.add("guidegraph/reduce", { tensor, by: "norm" }).out("tensor"));
    });
    b.add("guidegraph/save-tensor", { tensor: d.out("gradient") });
    expect(amountOf(plan(b.document(), nodes, fakeKnown()), 1)).toMatchObject({ hasConditions });
  });

  test("that is drawn by what a run alone knows is not told of", async () => {
    expect(await weighDrawn(squared(2, "wired"), models)).toEqual(new Map());
  });
});

describe("checkAmount", () => {
  const caps = { bytes: 1e6, fileBytes: 1e6 };

  test("says in words what is more than there is, at the node that makes it so, before anything runs", () => {
    expect(refused(amountOf(npz, 3), caps, text)).toEqual([]);
    expect(refused(amountOf(npz, 9_000), { bytes: 1_000, fileBytes: 1e9 }, text)).toEqual([
      [
        amountOf(npz, 1).largest,
        `It would hold ${floats + bytes} bytes of values at one time; a run here may hold 1000 bytes: use smaller or fewer pictures in a batch`,
      ],
    ]);
    expect(refused(amountOf(pngs, 10_000), { ...caps, fileBytes: 100 }, text)).toEqual([
      [
        undefined,
        `It would save about ${10_000 * bytes} bytes, and there is room for 100 bytes: free some, or use fewer batches`,
      ],
    ]);
    expect(refused(amountOf(pngs, maxFiles), { ...caps, fileBytes: 1e12 }, text)).toEqual([
      [
        undefined,
        `It would save ${2 * maxFiles} files; a run saves at most ${maxFiles}: use Save NPZ, or fewer batches`,
      ],
    ]);
  });
});
