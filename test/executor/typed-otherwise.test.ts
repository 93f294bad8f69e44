/** A name that files do not get is told before the run, and none that they get. */
import { expect, test } from "vitest";
import { survey } from "../../executor/index.ts";
import { documentBuilder } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { fakeKnown } from "../support/fake-context.ts";

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
  b.add("guidegraph/save-tensor", { tensor: x, name });
  const { notes, problems } = survey(b.document(), nodes, fakeKnown());
  expect(problems).toEqual([]);
  const told = stem !== undefined && {
    port: "name",
    message: expect.stringContaining(`Its files are called “${stem}”`),
  };
  expect(notes).toEqual(told ? [expect.objectContaining(told), expect.objectContaining(told)] : []);
});
