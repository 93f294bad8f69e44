import { expect, test } from "vitest";
import { classesUnder } from "../../../client/state/class-names.ts";
import { initialState } from "../../../client/state/state.ts";
import { documentBuilder } from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";

const models = [
  { id: "judge.pt", role: "classifier", facts: { classNames: ["circle", "square", "star"] } },
  { id: "other.pt", role: "unet", facts: { classNames: ["a", "b", "c"] } },
] as const;
const state = { ...initialState("dark", 1440), models };

function graphWith(classes: string) {
  const b = documentBuilder(nodes, { title: "x" });
  const model = b.add("guidegraph/load-unet", { file: "other.pt" }).out("model");
  const classifier = b.add("guidegraph/load-classifier", { file: "judge.pt" }).out("classifier");
  const labels = b.add("guidegraph/class-labels", { model, classes, count: 4 }).out("labels");
  b.add("guidegraph/build-cond-fn", { classifier, labels });
  return b.document();
}
const under = (classes: string, index: number, count: number, labels?: readonly number[]) =>
  classesUnder(state, graphWith(classes), { index, count }, labels);

test("each picture has the class that its run drew, called as the classifier beside the labels calls it", () => {
  expect([0, 1, 2, 3].map((i) => under("", i, 4, [2, 0, 1, 7]))).toEqual(["star", "circle", "square", "7"]);
});

test("a sheet of several has those of its batch", () => {
  expect([0, 1].map((i) => under("", i, 2, [2, 0, 1, 1]))).toEqual(["star, circle", "square × 2"]);
});

test("without labels of the run, what its graph asks for; of a list that repeats, each its own", () => {
  expect(under("2", 0, 1)).toBe("star");
  expect([0, 1, 2, 3].map((i) => under("2,0", i, 4, []))).toEqual(["star", "circle", "star", "circle"]);
  expect(under("2,0", 0, 1, [])).toBe("star, circle");
  expect(under("", 0, 1, [])).toBe("random");
  // A list that does not share out among the files is of another saver.
  expect(under("2", 0, 2, [0, 1, 2])).toBe("star");
});

test("nothing is said where nothing is known", () => {
  expect(classesUnder(state, undefined, { index: 0, count: 1 }, undefined)).toBeUndefined();
  const b = documentBuilder(nodes, { title: "x" });
  b.add("guidegraph/load-unet", { file: "other.pt" });
  expect(classesUnder(state, b.document(), { index: 0, count: 1 }, [])).toBeUndefined();
});
