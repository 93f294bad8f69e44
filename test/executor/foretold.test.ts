import { describe, expect, test } from "vitest";
import { survey } from "../../executor/index.ts";
import { documentBuilder } from "../../graphs/document/index.ts";
import { type AnyNode, nodes, port, type Registry } from "../../nodes/index.ts";
import { fakeKnown } from "../support/fake-context.ts";

describe("a node of one's own that computes a number is run while planning", () => {
  /** Number 7, as many times as it was computed. */
  const planned = (definition: Partial<AnyNode>) => {
    let times = 0;
    const own: AnyNode = {
      ...{ type: "guidegraph/own", version: 1, title: "Own", category: "values", description: "A number." },
      inputs: { value: port.number({ default: 7 }) },
      outputs: { number: port.numberOut() },
      infer: () => ({}),
      run: ({ value }) => ({ number: value }),
      ...definition,
    };
    const run: AnyNode["run"] = (...given) => {
      times++;
      return own.run(...given);
    };
    const registry: Registry = { ...nodes, [own.type]: { ...own, run } };
    const b = documentBuilder(registry);
    const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim10" }).out("schedule");
    const noise = b.add("guidegraph/gaussian-noise", { batch: 2, height: 8, width: 8, channels: 3 }).out("noise");
    const index = b.add(own.type).out("number");
    const [a, c] = [index, 7].map((index) => {
      const step = b.add("guidegraph/schedule-step", { schedule, index }).out("step");
      return b.add("guidegraph/draw-noise", { noise, step }).out("eps");
    });
    b.add("guidegraph/save-tensor", { tensor: b.add("guidegraph/add", { a, b: c }).out("tensor") });
    const { problems, notes } = survey(b.document(), registry, fakeKnown());
    expect(problems).toEqual([]);
    return { notes: notes.length, isRun: times > 0 };
  };

  test("where it says that it may be", () => {
    expect(planned({ foretold: true })).toEqual({ notes: 1, isRun: true });
    expect(planned({})).toEqual({ notes: 0, isRun: false });
  });

  test("and whatever it does then ends no process", async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => void unhandled.push(error);
    process.on("unhandledRejection", note);
    try {
      for (const fails of [
        async () => Promise.reject(new Error("no")),
        () => {
          throw new Error("no");
        },
      ])
        expect(planned({ foretold: true, run: fails })).toEqual({ notes: 0, isRun: true });
      await new Promise((resolve) => setTimeout(resolve, 5));
    } finally {
      process.off("unhandledRejection", note);
    }
    expect(unhandled).toEqual([]);
  });
});
