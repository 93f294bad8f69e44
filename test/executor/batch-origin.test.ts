/** A batch that does not fit says which nodes are to be turned, wherever their values come through. */
import { expect, test } from "vitest";
import { survey } from "../../executor/index.ts";
import { type DocumentBuilder, documentBuilder, type LevelBuilder, type Wire } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { fakeKnown } from "../support/fake-context.ts";

const noise = (b: LevelBuilder, batch: number | Wire, title: string) =>
  b.add("guidegraph/gaussian-noise", { batch, channels: 3, height: 4, width: 4 }, title).out("x_T");

/** The first problem of what is built around two noises of 2 and 3. */
function problem(build: (b: DocumentBuilder, two: Wire, three: Wire) => Wire): string | undefined {
  const b = documentBuilder(nodes);
  const [two, three] = [noise(b, 2, "Two"), noise(b, 3, "Three")];
  b.add("guidegraph/save-tensor", { tensor: build(b, two, three) });
  return survey(b.document(), nodes, fakeKnown()).problems[0]?.message;
}

const add = (b: LevelBuilder, a: Wire, c: Wire) => b.add("guidegraph/add", { a, b: c }).out("tensor");
const scaled = (b: LevelBuilder, tensor: Wire) => b.add("guidegraph/scale", { tensor }).out("tensor");

test.each<[string, Parameters<typeof problem>[0], string]>([
  ["nodes behind others", (b, two, three) => add(b, scaled(b, two), scaled(b, three)), "batch of Three (2)"],
  [
    "what a loop carries",
    (b, x, y) => {
      const schedule = b.add("guidegraph/diffusion-schedule").out("schedule");
      const loop = b.loop("Loop", { schedule, x, y }, (step) =>
        step.output("x", "tensor", add(step, step.input("x", "tensor"), step.input("y", "tensor"))),
      );
      return loop.out("x");
    },
    "batch of Three (2)",
  ],
  [
    "a gradient",
    (b, x, y) => {
      const d = b.differentiate("D", { x: y, of: "loss", by: "x" }, (inner) => {
        const tensor = inner.input("x", "tensor");
        inner.output("loss", "tensor", inner.add("guidegraph/reduce", { tensor }).out("tensor"));
      });
      return add(b, x, d.out("gradient"));
    },
    "batch of Three (2)",
  ],
  [
    "a number that is typed on a subgraph",
    (b, x) => {
      const holder = b.subgraph("Holder", { batch: 3 }, (inner) =>
        inner.output("x", "tensor", noise(inner, inner.input("batch", "number"), "Inside")),
      );
      return add(b, x, holder.out("x"));
    },
    "batch of Holder (3)",
  ],
])("%s", (_, build, origin) => {
  expect(problem(build)).toBe(
    `Cannot use b (3×3×4×4) with a (2×3×4×4): its batch must be 2; a has 2 by batch of Two (1), b has 3 by ${origin}`,
  );
});

test("what is to serve all where each has its own is sent through Repeat, which makes it fit", () => {
  const build = (times?: number) =>
    problem((b, two) => {
      const one = noise(b, 1, "One");
      const before = times === undefined ? one : b.add("guidegraph/repeat", { tensor: one, times }).out("tensor");
      return b.add("guidegraph/moving-average", { tensor: two, before }).out("tensor");
    });
  expect(build()).toMatch(/before has 1 by batch of One \(3\); one for all goes through a Repeat of 2 times$/);
  expect(build(2)).toBeUndefined();
});
