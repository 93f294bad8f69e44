import { expect, test } from "vitest";
import { grouped } from "../../../server/documents/grouped.ts";

test("examples come by their groups, and what is in none last", () => {
  const listed = ["another", "heun", "red-star", "guided-ddim"].map((name) => {
    return { name, etag: "", hash: "", builtIn: true };
  });
  expect(grouped(listed).map(({ name, group }) => [name, group])).toEqual([
    ["guided-ddim", "First pictures"],
    ["red-star", "First pictures"],
    ["heun", "Solvers"],
    ["another", undefined],
  ]);
});
