/** What a run took from the cache an earlier one drew: its pictures are of the same value, and stand where none were drawn anew. */
import type { GraphDocument } from "../../graphs/document/index.ts";
import { dependenceOf } from "../edit/dependence.ts";
import type { RunView } from "../runs/run-view.ts";
import type { Tab } from "./tab.ts";

export interface KnownRuns {
  readonly byId: ReadonlyMap<string, RunView>;
  /** Newest first. */
  readonly all: readonly RunView[];
  /** Undefined until it is loaded. */
  graph(run: string): GraphDocument | undefined;
}

/** The graphs of so many are asked for. */
const looksBack = 12;

/** Those of the shown run's document before it, the newest first. */
export function runsBefore({ run: shown }: Tab, runs: KnownRuns): readonly RunView[] {
  const summary = shown === undefined ? undefined : runs.byId.get(shown)?.summary;
  if (summary?.document === undefined) return [];
  const isBefore = ({ summary: { document, number } }: RunView) =>
    document === summary.document && number < summary.number;
  return runs.all.filter(isBefore).slice(0, looksBack);
}

/** Whether what an earlier run drew at `path` ("8/3") depended on the same as in the shown one. */
export function isDrawnAlike(tab: Tab, runs: KnownRuns, { summary: { id } }: RunView, path: string): boolean {
  const ids = path.split("/").map(Number);
  const depends = (graph: GraphDocument | undefined) => graph && dependenceOf(graph, ids.slice(0, -1), ids.at(-1) ?? 0);
  const now = depends(tab.ran ?? (tab.run === undefined ? undefined : runs.graph(tab.run)));
  return now !== undefined && now === depends(runs.graph(id));
}
