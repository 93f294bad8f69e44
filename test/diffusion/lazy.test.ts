import { expect, test } from "vitest";
import { changed, lazy } from "../../diffusion/lazy.ts";

test("lazy computes each property once, when it is asked for", () => {
  let calls = 0;
  const object = lazy({ a: () => ++calls, b: () => 10 + calls });
  expect([object.b, object.a, object.a, object.b]).toEqual([10, 1, 1, 10]);
});

test("changed keeps lazy what is lazy in either, and the object as it was", () => {
  let calls = 0;
  const object = { plain: 1, kept: "k", ...{} };
  const made = changed(changed(object, lazy({ a: () => ++calls })), lazy({ plain: () => 2 }));
  expect(calls).toBe(0);
  expect({ ...made }).toEqual({ plain: 2, kept: "k", a: 1 });
  expect(made.a).toBe(1);
  expect(object).toEqual({ plain: 1, kept: "k" });
});
