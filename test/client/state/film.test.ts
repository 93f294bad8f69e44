import { expect, test } from "vitest";
import type { RunView } from "../../../client/runs/run-view.ts";
import { shownFilm } from "../../../client/state/film.ts";
import { newTab } from "../../../client/state/tab.ts";
import { type GraphDocument, setParameter } from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";
import { example } from "../support/graphs.ts";

const graph = example("guided-ddim");
const other = setParameter(graph, "Build cond_fn.scale", "7", nodes);
const renamed = setParameter(graph, "Save PNG.name", "star", nodes);
const loop = graph.nodes.find(({ inner }) => inner);
const path = `${loop?.id}/${loop?.inner?.nodes.find(({ type }) => type === "guidegraph/sampling-loop")?.id}`;
const frame = { index: 0, count: 5 } as never;

/** Runs of one document, the oldest first: what each ran, and whether it has a film. */
function shown(...ran: readonly (readonly [graph: GraphDocument, hasFilm: boolean])[]) {
  const all = ran.map(([, _], i) => ({ summary: { id: `${i + 1}`, number: i + 1, document: "d" } }) as RunView);
  const films = (run: string) => (ran[Number(run) - 1][1] ? [path] : []);
  const runs = {
    byId: new Map(all.map((run) => [run.summary.id, run])),
    all: all.toReversed(),
    graph: (run: string) => ran[Number(run) - 1][0],
    films,
    film: (run: string) => films(run).map(() => frame),
  };
  return shownFilm({ ...newTab("d", graph), run: `${all.length}` }, runs)?.run;
}

test("a run shows its own film, and where it took the loop from the cache, that of the run that drew it", () => {
  expect(shown([graph, true], [graph, true])).toBe("2");
  expect(shown([graph, true], [graph, false])).toBe("1");
  expect(shown([graph, true], [renamed, false], [graph, false])).toBe("1");
});

test("a film of another setting is not shown for a cached loop", () => {
  expect(shown([other, true], [graph, false])).toBeUndefined();
  expect(shown([graph, true], [other, true], [graph, false])).toBe("1");
});
