/** A name that files do not get is told before the run, and none that they get; so is a wire that a formula does not read. */
import { expect, test } from "vitest";
import { survey } from "../../executor/index.ts";
import { type DocumentBuilder, documentBuilder, type Wire } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { fakeKnown } from "../support/fake-context.ts";

const scaledBy = (b: DocumentBuilder, tensor: Wire, scale: Wire): Wire =>
  b.add("guidegraph/scale", { tensor, scale }).out("tensor");

test.each([
  ["a/b", "a_b"],
  ["star", undefined],
  ["e\u0301toile", undefined],
  ["", "picture"],
])("a name %j is told to become %j", (name, stem) => {
  const b = documentBuilder(nodes);
  const x = b.add("guidegraph/gaussian-noise", { height: 8 }).out("x_T");
  const images = b.add("guidegraph/decode-image", { x }).out("image");
  b.add("guidegraph/save-png", { images, name });
  b.add("guidegraph/save-tensor", { tensor: x, name: b.add("guidegraph/text", { value: name }).out("text") });
  const { notes, problems } = survey(b.document(), nodes, fakeKnown());
  expect(problems).toEqual([]);
  const told = stem !== undefined && {
    port: "name",
    message: expect.stringContaining(`Its files are called “${stem}”`),
  };
  expect(notes).toEqual(told ? [expect.objectContaining(told), expect.objectContaining(told)] : []);
});

test.each<[string, readonly string[], readonly string[]]>([
  ["a * 2", ["a"], []],
  ["a * 2", ["a", "b"], ["b: It is wired, and the formula “a * 2” does not read it"]],
  ["a * sigma", ["a", "step"], []],
  ["a", ["a", "c", "step"], ["c: It is wired", "step: It is wired, and the formula “a” does not read a number of it"]],
  ["2", ["d"], ["d: It is wired"]],
])("of a formula %j with %j wired, what it does not read is told", (formula, wired, notes) => {
  for (const type of ["guidegraph/formula", "guidegraph/number-formula"]) {
    const b = documentBuilder(nodes);
    const schedule = b.add("guidegraph/diffusion-schedule", {}).out("schedule");
    const x = b.add("guidegraph/gaussian-noise", { height: 8 }).out("x_T");
    const number = b.add("guidegraph/number", { value: 2 }).out("number");
    const step = b.add("guidegraph/schedule-step", { schedule, index: 3 }).out("step");
    const wires = Object.fromEntries(wired.map((name) => [name, name === "step" ? step : number]));
    const made = b.add(type, { formula, ...wires });
    const tensor = type === "guidegraph/formula" ? made.out("tensor") : scaledBy(b, x, made.out("number"));
    // Both are of use elsewhere, whatever is wired.
    const elsewhere = [b.add("guidegraph/step-value", { step }).out("sigma"), number].map((one) => scaledBy(b, x, one));
    for (const one of [tensor, ...elsewhere]) b.add("guidegraph/save-tensor", { tensor: one });
    const found = survey(b.document(), nodes, fakeKnown());
    expect(found.problems).toEqual([]);
    const told = found.notes.map(({ port, message }) => `${port}: ${message}`);
    expect(told).toEqual(notes.map((note) => expect.stringContaining(note)));
  }
});
