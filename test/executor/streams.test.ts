/** Noises that are one, whatever their sizes, are told where both are read. */
import { expect, test } from "vitest";
import { survey } from "../../executor/index.ts";
import { documentBuilder } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { fakeKnown } from "../support/fake-context.ts";
import { added, drawn, same } from "./drawing-nodes.ts";

type Set = Readonly<Record<string, number | string>>;

const start = "Its x_T is the very noise that “One” gives: if that is not meant, give one of them another stream";

test.each<[string, Set, boolean, Set?]>([
  ["alike", {}, true],
  ["of another batch", { batch: 6 }, true],
  ["of another size", { height: 16 }, true],
  ["of another stream", { stream: 1 }, false],
  ["of another seed", { seed: 1 }, false],
  ["of torch, alike", { generator: "torch" }, false],
  ["both of torch, of other batches", { generator: "torch", batch: 6 }, false, { generator: "torch" }],
])("two noises %s", (_, set, isTold, first = {}) => {
  const size = { batch: 2, height: 8, channels: 3 };
  const notesOf = (isDrawn: boolean) => {
    const b = documentBuilder(nodes);
    const schedule = b.add("guidegraph/diffusion-schedule", {}).out("schedule");
    const step = b.add("guidegraph/schedule-step", { schedule, index: 3 }).out("step");
    for (const [title, own] of [
      ["One", first],
      ["Other", set],
    ] as const) {
      const { out } = b.add("guidegraph/gaussian-noise", { ...size, ...own }, title);
      const tensor = isDrawn ? drawn(b, out("noise"), step) : added(b, out("x_T"), out("x_T"));
      b.add("guidegraph/save-tensor", { tensor });
    }
    return survey(b.document(), nodes, fakeKnown()).notes.map(({ message }) => message);
  };
  expect(notesOf(true)).toEqual(isTold ? [same("Draw Noise")] : []);
  expect(notesOf(false).filter((note) => note.startsWith("Its x_T"))).toEqual(isTold ? [start] : []);
});
