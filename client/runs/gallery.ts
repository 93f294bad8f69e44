/** The pictures of runs, one after the other: what the large view goes through. */
import type { RunView } from "./run-view.ts";

/** One saved picture. */
export interface Shown {
  readonly run: string;
  readonly name: string;
}

/** PNG files of a run that are still there, in their order. */
export const picturesOf = ({ summary }: RunView): readonly Shown[] =>
  summary.outputs
    .filter(({ mime, missing }) => mime === "image/png" && !missing)
    .map(({ name }) => ({ run: summary.id, name }));

/** A picture file among all that its node saves in a run of so many batches. */
export interface PicturePlace {
  readonly path: string;
  /** From 0, by the samples' order. */
  readonly index: number;
  readonly count: number;
  readonly batches: number;
}

/** By the numbers in their names: batches may end in any order. Undefined where the run has more files than are told. */
export function placeOf({ summary }: RunView, name: string): PicturePlace | undefined {
  const { outputs, outputCount, batches } = summary;
  const path = outputs.find((output) => output.name === name)?.path;
  if (path === undefined || outputCount !== undefined) return undefined;
  const beside = outputs.filter((output) => output.path === path && output.mime === "image/png");
  const names = beside.map(({ name }) => name).sort(byNumber.compare);
  return { path, index: names.indexOf(name), count: names.length, batches };
}
const byNumber = new Intl.Collator("en", { numeric: true });

/** Files of a run that can be taken home: its arrays, or all. */
export const filesOf = ({ summary }: RunView, what: "arrays" | "all" = "all"): readonly Shown[] =>
  summary.outputs
    .filter(({ mime, missing }) => !missing && (what === "all" || mime !== "image/png"))
    .map(({ name }) => ({ run: summary.id, name }));

/** The picture so many further on; beyond a run's last comes the next run's first. `runs`: newest first, as they lie. */
export function stepped(runs: readonly RunView[], at: Shown, by: number): Shown {
  const all = runs.flatMap(picturesOf);
  const index = all.findIndex(({ run, name }) => run === at.run && name === at.name);
  return all[Math.max(0, Math.min(all.length - 1, index + by))] ?? at;
}

/** The first picture of the run before or after. */
export function steppedRun(runs: readonly RunView[], at: Shown, by: number): Shown {
  const shown = runs.filter((run) => picturesOf(run).length > 0);
  const index = shown.findIndex(({ summary }) => summary.id === at.run);
  const next = shown[Math.max(0, Math.min(shown.length - 1, index + by))];
  return next && next.summary.id !== at.run ? picturesOf(next)[0] : at;
}

/** What a run is compared with unless another is asked for: the last one with pictures before it, of its document where there is one. */
export function comparedWith(runs: readonly RunView[], run: RunView): RunView | undefined {
  const others = runs.filter((one) => one.summary.id !== run.summary.id && picturesOf(one).length > 0);
  const earlier = others.filter(({ summary }) => summary.number < run.summary.number);
  const alike = ({ summary }: RunView) =>
    (summary.document ?? summary.title) === (run.summary.document ?? run.summary.title);
  return earlier.find(alike) ?? earlier[0] ?? others.findLast(alike) ?? others.at(-1);
}

/** The picture of another run that stands where this one does: of the same node, else of the same name, else the first. */
export function counterpart(run: RunView, name: string, other: RunView): string | undefined {
  const own = placeOf(run, name);
  const all = picturesOf(other);
  const twin = all.find((one) => {
    const place = placeOf(other, one.name);
    return own !== undefined && place?.path === own.path && place.index === own.index;
  });
  return (twin ?? all.find((one) => one.name === name) ?? all[0])?.name;
}

/** Those whose number, title or state has every word; what failed also by its message. */
export function searchRuns(runs: readonly RunView[], query: string): readonly RunView[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return runs;
  return runs.filter(({ summary: { number, title, state, failure, outputs } }) => {
    const text = [`#${number} ${number}`, title, state, failure?.message ?? "", ...outputs.map(({ name }) => name)];
    const all = text.join(" ").toLowerCase();
    return words.every((word) => all.includes(word));
  });
}
