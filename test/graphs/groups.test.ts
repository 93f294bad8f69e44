import { expect, test } from "vitest";
import { exampleGroups } from "../../graphs/recipes/groups.ts";
import { examples } from "../../graphs/recipes/index.ts";

test("every example stands in one group, and in each is one that there is", () => {
  const listed = exampleGroups.flatMap(({ examples }) => examples);
  expect([...listed].sort()).toEqual(Object.keys(examples).sort());
});
