/** From a run to the cards in sight: states, pictures, and which pictures are of an earlier setting. */
import { type Graph, graphSlot, realReaders, straightened, structures } from "../../graphs/document/index.ts";
import { numbersText } from "../../nodes/numbers-text.ts";
import type { Problem } from "../../server/protocol.ts";
import type { Card } from "../canvas/card.ts";
import type { Live, PictureSource } from "../canvas/live.ts";
import { dependenceOf } from "../edit/dependence.ts";
import { devicesInUse } from "../runs/device-words.ts";
import { hasEnded, isInLoop, type RunView, statusOf, stepTag } from "../runs/run-view.ts";
import { isDrawnAlike, runsBefore } from "../state/drawn-before.ts";
import { shownFilm } from "../state/film.ts";
import { problemsOf } from "../state/problems.ts";
import { documentOf, pathIn, type Tab } from "../state/tab.ts";
import type { Editor } from "./editor.ts";

export function updateCards(editor: Editor): void {
  const { tab, canvas, runs } = editor;
  if (!tab || !canvas) return;
  const run = tab.run === undefined ? undefined : runs.byId.get(tab.run);
  const { ran, level } = tab;
  const now = documentOf(tab);
  const isStale = (id: number) =>
    run !== undefined && ran !== undefined && dependenceOf(ran, level, id) !== dependenceOf(now, level, id);
  const live = new Map<number, Live>();
  const problems = problemsOf(tab);
  for (const node of editor.graph.nodes) {
    const card = canvas.card(node.id);
    if (!card) continue;
    const path = pathIn(tab, node.id);
    const holds = node.inner !== undefined;
    live.set(node.id, {
      status: statusIn(editor, run, path, holds),
      stale: card.look.shows && isStale(node.id),
      ...faultsOf(card, path, holds, problems),
      doubt: (tab.known?.notes ?? []).find((note) => note.node === path || (holds && note.node?.startsWith(`${path}/`)))
        ?.message,
      ...(run?.numbers.has(path) && { numbers: numbersText(run.numbers.get(path)!) }),
      ...(run && card.look.shows && pictureOf(editor, card, path, run)),
    });
  }
  canvas.tell(live, run && !hasEnded(run) ? flowing(editor.graph, live) : new Set());
}

/** The nodes that values flow into: those that run, and the reroutes on the way to them. */
function flowing(graph: Graph, live: ReadonlyMap<number, Live>): ReadonlySet<number> {
  const runs = (id: number) => live.get(id)?.status.state === "running";
  const leads = (id: number) => realReaders(graph, { node: id, slot: graphSlot }).some(({ node }) => runs(node));
  const found = graph.nodes.filter(({ id, type }) => runs(id) || (type === structures.reroute && leads(id)));
  return new Set(found.map(({ id }) => id));
}

/** Problems of a node at its slots; those inside it are told on it. */
function faultsOf(
  card: Card,
  path: string,
  holds: boolean,
  problems: readonly Problem[],
): Pick<Live, "faults" | "fault"> {
  const mine = problems.filter(({ node }) => node === path);
  const isOpen = (port: string | undefined) => card.look.inputs.some(({ name, missing }) => missing && name === port);
  const inside = holds ? problems.find(({ node }) => node?.startsWith(`${path}/`)) : undefined;
  return {
    faults: new Map(mine.flatMap(({ port, message }) => (port === undefined ? [] : [[port, message] as const]))),
    fault: (mine.find(({ port }) => !isOpen(port)) ?? inside)?.message,
  };
}

/** A problem that the server found before anything ran is shown like a failure, where its cause is. */
function statusIn(editor: Editor, run: RunView | undefined, path: string, holds: boolean): Live["status"] {
  const problem = editor.tab?.problems.find(({ node }) => node === path || (holds && node?.startsWith(`${path}/`)));
  if (problem)
    return {
      state: "failed",
      word: "cannot run",
      message: problem.message,
      ...(problem.node === path && problem.port && { port: problem.port }),
    };
  return statusOf(run, path, holds);
}

type Shown = Pick<Live, "picture" | "pictureTag" | "awaits">;

function pictureOf(editor: Editor, card: Card, path: string, run: RunView): Shown {
  const watched = editor.watched(card.id);
  const { id } = run.summary;
  if (watched !== undefined) {
    const picture = editor.runs.picture(id, `${path}.${watched}`);
    const isOver = !picture && (hasEnded(run) || isInLoop(run, path));
    const isAsked = editor.runs.watched(id).has(`${path} ${watched}`);
    if (!isOver || (isAsked && !hasEnded(run))) return { picture, pictureTag: watched };
    return { pictureTag: watched, awaits: isAsked ? "no picture passed here" : "from the next run on" };
  }
  const loop = card.look.opens ? loopIn(editor, path, run) : undefined;
  if (loop !== undefined) return pictureIn(editor, loop, run, stepTag(run, loop, devicesInUse(editor.state.health)));
  const own = editor.runs.picture(id, path) ?? savedPicture(editor, card.id, path, run);
  return own || !card.look.opens ? { picture: own } : drawnBefore(editor, path);
}

/** The last picture of a loop, or that of the step one looks at. */
function pictureIn(editor: Editor, loop: string, { summary: { id } }: RunView, tag: string | undefined): Shown {
  const film = shownFilm(editor.tab, editor.runs);
  const { step } = editor.state;
  const isShown = film?.run === id && film.path === loop && step !== undefined;
  const frame = isShown ? film.frames.findLast(({ index }) => index <= step) : undefined;
  return {
    picture: frame ?? editor.runs.picture(id, loop),
    pictureTag: frame ? `x₀ at step ${frame.index + 1} of ${frame.count}` : tag,
  };
}

/** Of a loop that a run took from the cache: as an earlier one drew it. */
function drawnBefore(editor: Editor, path: string): Shown {
  const { tab, runs } = editor;
  for (const before of tab ? runsBefore(tab, runs) : []) {
    if (!isDrawnAlike(tab as Tab, runs, before, path)) continue;
    const { id, number } = before.summary;
    const loop = loopIn(editor, path, before);
    if (loop !== undefined && runs.picture(id, loop))
      return pictureIn(editor, loop, before, `as run ${number} drew it`);
    runs.lastPicture(id); // Asked for once, it comes.
  }
  return {};
}

/** The loop whose picture a node shows: itself, or the one inside it. */
function loopIn(editor: Editor, path: string, run: RunView): string | undefined {
  const { id } = run.summary;
  if (editor.runs.picture(id, path)) return path;
  const inside = [...run.steps.keys(), ...editor.runs.picturePaths(id)].filter(
    (at) => at === path || at.startsWith(`${path}/`),
  );
  return inside.find((at) => editor.runs.picture(id, at)) ?? inside[0];
}

/** A saved picture stands in for a preview that is gone: the node's own, or one saved from the same wire. */
function savedPicture(editor: Editor, id: number, path: string, run: RunView): PictureSource | undefined {
  const { graph } = editor;
  const feeding = (node: number, of: Graph) =>
    straightened(of)
      .filter(({ to }) => to === node)
      .map(({ from, output }) => `${from} ${output}`);
  const mine = new Set(feeding(id, graph));
  const outer = path.split("/").slice(0, -1).join("/");
  const same = graph.nodes.filter((node) => feeding(node.id, graph).some((source) => mine.has(source)));
  const paths = new Set([path, ...same.map((node) => (outer === "" ? `${node.id}` : `${outer}/${node.id}`))]);
  const found = run.summary.outputs.find(
    (output) => output.mime === "image/png" && !output.missing && paths.has(output.path),
  );
  return found && editor.runs.file(run.summary.id, found.name);
}
