import { expect, test } from "vitest";
import { freeFileName, freeName } from "../../../graphs/document/index.ts";

test.each([
  ["x", [], "x"],
  ["x", ["x"], "x_2"],
  ["x", ["x", "x_2", "x_4"], "x_3"],
  ["x_2", ["x_2"], "x_2_2"],
])("%s beside %j is %s", (wish, taken, name) => {
  expect(freeName(wish, (one) => taken.includes(one))).toBe(name);
});

test("the number is joined as its place asks", () => {
  expect(freeName("my graph", (name) => name === "my graph", " ")).toBe("my graph 2");
});

test("the number of a file is before its ending", () => {
  expect(freeFileName("x", ".png", (name) => ["x.png", "x-2.png"].includes(name))).toBe("x-3.png");
});
