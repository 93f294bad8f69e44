/** Transitions of the first hour: whose run is whose, which is shown, and which seeds are new. */
import { describe, expect, test } from "vitest";
import { namedClasses, numberedClasses } from "../../../client/state/class-names.ts";
import { withViews } from "../../../client/state/looking.ts";
import { renewing, withNewSeeds } from "../../../client/state/new-seeds.ts";
import { advanced, withPicked, withStarted } from "../../../client/state/runs-of-tab.ts";
import { documentOf, identified, isOfTab, newTab } from "../../../client/state/tab.ts";
import { catalogue } from "../support/catalogue.ts";
import { example } from "../support/graphs.ts";

const document = example("guided-ddim");
const tab = newTab("mine", document, "key-1");
const noise = document.nodes.find(({ type }) => type === "guidegraph/gaussian-noise")?.id as number;

describe("identity", () => {
  test("a run is of the tab whose identity its graph has, whatever either is called", () => {
    const renamed = { ...document, about: { ...document.about, title: "Another name" } };
    expect(isOfTab(tab, identified(renamed, "key-1"))).toBe(true);
    expect(isOfTab(tab, identified(document, "key-2"))).toBe(false);
  });
  test("a run of older days is known by its title", () => {
    expect(isOfTab(tab, document)).toBe(true);
    expect(isOfTab(tab, { ...document, about: { versions: {}, title: "Another" } })).toBe(false);
  });
});

describe("the run that is shown", () => {
  const started = (run: string) => ({ run, document });
  const has = (begun: readonly string[], ended: readonly string[]) => (run: string, what: "begun" | "ended") =>
    (what === "begun" ? [...begun, ...ended] : ended).includes(run);

  test("is the one at work, not the one queued last", () => {
    const first = withStarted(tab, started("a"), false);
    const both = withStarted(withStarted(first, started("b"), true), started("c"), true);
    expect(both.run).toBe("a");
    expect(advanced(both, has(["a"], [])).run).toBe("a");
    expect(advanced(both, has([], ["a"])).run).toBe("a");
    const next = advanced(both, has(["b"], ["a"]));
    expect([next.run, next.next.map(({ run }) => run)]).toEqual(["b", ["c"]]);
    expect(advanced(both, has(["c"], ["a"])).run).toBe("c");
  });
  test("is the one that one has picked, whatever begins then", () => {
    const waiting = withStarted(withStarted(tab, started("a"), false), started("b"), true);
    expect(advanced(withPicked(waiting, "old"), has(["b"], ["a", "old"])).run).toBe("old");
  });
});

describe("seeds that are new after each run", () => {
  const seedOf = (of: typeof tab) => documentOf(of).nodes.find(({ id }) => id === noise)?.properties.seed;
  const asked = renewing(tab, noise, "seed");

  test("stay for the first run, and are another for the next", () => {
    expect(seedOf(withNewSeeds(asked, () => 77, catalogue))).toBe(seedOf(tab));
    expect(seedOf(withNewSeeds({ ...asked, run: "a" }, () => 77, catalogue))).toBe(77);
  });
  test("stay where nobody asked, or no more", () => {
    expect(seedOf(withNewSeeds({ ...tab, run: "a" }, () => 77, catalogue))).toBe(seedOf(tab));
    expect(renewing(asked, noise, "seed").renewed.size).toBe(0);
  });
  test("of a node that is gone are no fault", () => {
    const gone = { ...renewing(tab, 999, "seed"), run: "a" };
    expect(documentOf(withNewSeeds(gone, () => 77, catalogue))).toEqual(document);
  });
});

test("views that were kept are there again, and what is none is passed over", () => {
  const view = { x: 1, y: 2, scale: 0.5 };
  const kept = [
    ["", view],
    ["7", { x: null, y: 0, scale: 1 }],
    ["8", { x: 0, y: 0, scale: 0 }],
    ["9", null],
  ] as unknown as [string, typeof view][];
  expect([...withViews(tab, kept).views]).toEqual([["", view]]);
});

test("classes are given by name in any case, by number, several at once, and read as names again", () => {
  const names = ["circle", "great star", "triangle"];
  const cases: Record<string, string> = {
    triangle: "2",
    "Circle, triangle": "0,2",
    "great star": "1",
    "great star × 3": "1,1,1",
    "circle triangle": "0,2",
    "tri, 1": "2,1",
    "0 2": "0,2",
    "": "",
    "7, circle": "7,0",
  };
  for (const [text, numbers] of Object.entries(cases))
    expect([text, numberedClasses(text, names)]).toEqual([text, numbers]);
  for (const numbers of ["2", "0,2", "1,1,1"])
    expect(numberedClasses(namedClasses(numbers, names), names)).toBe(numbers);
});
