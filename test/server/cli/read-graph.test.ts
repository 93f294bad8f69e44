import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { exampleNames, readGraph } from "../../../server/cli/read-graph.ts";
import { bundledGraphs } from "../../../server/files/package-root.ts";
import { temporaryFolder } from "../../support/cli.ts";

const here = process.cwd();
afterEach(() => process.chdir(here));

test("every bundled example is read by its name, wherever one stands", async () => {
  process.chdir(temporaryFolder());
  for (const name of exampleNames)
    expect(await readGraph(name)).toEqual(await readGraph(join(bundledGraphs, `${name}.json`)));
});

test("a file of an example's name comes first", async () => {
  process.chdir(temporaryFolder());
  copyFileSync(join(bundledGraphs, "red-star.json"), "guided-ddim");
  expect(await readGraph("guided-ddim")).toEqual(await readGraph("red-star"));
});

test("a mistyped example is offered, for a path into elsewhere too", async () => {
  await expect(readGraph("red-stat")).rejects.toThrow(
    "There is no graph file red-stat; did you mean the example red-star?",
  );
  await expect(readGraph("graphs/red_star.json")).rejects.toThrow(
    /red_star\.json; did you mean the example red-star\?$/,
  );
});
