/** Starting, cancelling and showing runs. */
import { type GraphDocument, placeAt, readDocument, writeDocument } from "../../graphs/document/index.ts";
import type { Problem, RunRequest } from "../../server/protocol.ts";
import { ApiError } from "../runs/api.ts";
import { hasEnded, type RunView } from "../runs/run-view.ts";
import { withNewSeeds } from "../state/new-seeds.ts";
import { problemsOf } from "../state/problems.ts";
import { advanced, withPicked, withStarted } from "../state/runs-of-tab.ts";
import { put } from "../state/state.ts";
import { documentOf, identified, isOfTab, newTab, type Tab } from "../state/tab.ts";
import { added, inActive, inTab } from "../state/tabs.ts";
import { opened } from "../state/ui.ts";
import { tabName } from "./document-names.ts";
import type { Editor } from "./editor.ts";
import { clearSight } from "./narrow.ts";

export interface RunWish {
  /** Run only what these nodes depend on. */
  readonly targets?: readonly string[];
  readonly first?: boolean;
}

export async function startRun(editor: Editor, wish: RunWish = {}): Promise<void> {
  await whileStarting(editor, editor.tab?.key ?? "", () => checkAndSubmit(editor, wish));
}

/**
 * Looking at a graph may take a while: until the server has taken it, or refused it, its document, known by its key, is said to
 * be starting.
 */
async function whileStarting(editor: Editor, key: string, act: () => Promise<void>): Promise<void> {
  editor.apply((state) => ({ ...state, starting: [...state.starting, key] }));
  try {
    await act();
  } finally {
    editor.apply((state) => ({ ...state, starting: state.starting.toSpliced(state.starting.indexOf(key), 1) }));
  }
}

async function checkAndSubmit(editor: Editor, options: RunWish): Promise<void> {
  const key = editor.tab?.key;
  if (key === undefined) return;
  if (!options.targets && (await isHindered(editor, key))) return;
  editor.apply(inTab(key, (tab) => withNewSeeds(tab, newSeed, editor.catalogue)));
  const tab = editor.tabBy(key);
  if (!tab) return;
  const document = documentOf(tab);
  const watch = [...tab.watched].map((one) => ({ path: one.split(" ")[0], output: one.slice(one.indexOf(" ") + 1) }));
  await submit(editor, key, document, {
    batches: editor.state.batches,
    // One whose node was removed comes back with it.
    watch: watch.filter(({ path }) => placeAt(document, path) !== undefined),
    ...(options.targets && { targets: [...options.targets] }),
    ...(options.first && { first: true }),
  });
}

export const newSeed = (): number => Math.floor(Math.random() * 2 ** 32);

/** Shows what is known to keep a document from running. Files that were missing are looked for once more. */
async function isHindered(editor: Editor, key: string): Promise<boolean> {
  const tab = editor.tabBy(key);
  if (tab) await editor.surveys?.soon(tab);
  const known = editor.tabBy(key);
  if (!known || problemsOf(known).length === 0) return false;
  editor.apply(inTab(key, (tab) => ({ ...tab, problems: [] })));
  await editor.surveys?.refresh();
  const now = editor.tabBy(key);
  if (now?.known?.document !== now?.history.present) return false;
  const problems = now?.known?.problems ?? [];
  if (problems.length > 0) showProblems(editor, key, problems);
  return problems.length > 0;
}

/** Does what a run did once more: its graph and its wishes, whatever the document is by now. */
export async function repeatRun(editor: Editor, { summary }: RunView): Promise<void> {
  const before = await editor.api.run(summary.id).catch((error) => refused(editor, "", error));
  if (!before) return;
  const { graph, batches, watch, targets } = before;
  const document = readDocument(graph);
  const own = tabOf(editor, document);
  const key = own?.key ?? "";
  const wish = { batches, watch, ...(targets && { targets: [...targets] }) };
  await whileStarting(editor, key, () => submit(editor, key, document, wish));
}

/** The open tab of a run's document, the active one first. */
export const tabOf = (editor: Editor, document: GraphDocument): Tab | undefined =>
  [editor.tab, ...editor.state.tabs].find((tab) => tab && isOfTab(tab, document));

/** `key`: of the tab that shows it; "" where its document is not open. */
async function submit(
  editor: Editor,
  key: string,
  given: GraphDocument,
  options: Partial<Omit<RunRequest, "graph">>,
): Promise<void> {
  const document = key === "" ? given : identified(given, key);
  editor.apply(inTab(key, (tab) => ({ ...tab, problems: [] })));
  try {
    const { id } = await editor.api.start({ graph: writeDocument(document), ...options });
    const shown = editor.runs.byId.get(editor.tabBy(key)?.run ?? "");
    const isBusy = shown !== undefined && !hasEnded(shown) && shown.summary.state !== "queued";
    editor.apply(
      inTab(key, (tab) => withStarted(tab, { run: id, document }, isBusy)),
      put(isBusy ? {} : { step: undefined }),
    );
    editor.runs.keepGraph(id, document, options.watch ?? []);
    // Events of a run that is not known yet would be passed over.
    if (!editor.runs.byId.has(id)) await editor.runs.load();
    editor.runs.follow(id);
    announce("Run started");
  } catch (error) {
    refused(editor, key, error, () => whileStarting(editor, key, () => submit(editor, key, given, options)));
  }
}

/** `retry`: what was refused, once more. */
function refused(editor: Editor, key: string, error: unknown, retry?: () => Promise<void>): void {
  if (!(error instanceof ApiError)) {
    const more = "Editing goes on; run again when it is back.";
    editor.say({ text: "The server cannot be reached", more, bad: true });
    return;
  }
  // A full disk, or models that are held, are no problem of the graph: it can be run as it is when they are not.
  const problems = error.status === 400 || error.status === 422 ? error.errors : [];
  editor.apply(inTab(key, (tab) => ({ ...tab, problems })));
  const [first] = error.errors;
  const { node, quarantine } = first ?? {};
  if (quarantine !== undefined && retry) {
    const again = () => void editor.api.release(quarantine).then(retry, retry);
    editor.say({ text: first.message, bad: true, action: { label: "Allow and run", run: again } });
    return;
  }
  if (node === undefined) editor.say({ text: first?.message ?? "The graph cannot run", bad: true });
  else showProblems(editor, key, error.errors);
}

function showProblems(editor: Editor, key: string, problems: readonly Problem[]): void {
  editor.apply(
    inTab(key, (tab) => ({ ...tab, problems })),
    opened({ is: "problems" }),
  );
  announce(`The graph cannot run: ${problems[0].message}`);
}

/** Goes to a node, at whatever depth, and selects it. */
export function reveal(editor: Editor, path: string): void {
  const ids = path.split("/").map(Number);
  const id = ids.pop() as number;
  clearSight(editor);
  if (editor.tab && editor.tab.level.join("/") !== ids.join("/")) editor.goTo(ids);
  editor.select(new Set([id]));
  requestAnimationFrame(() => {
    const canvas = editor.canvas;
    const [box] = canvas?.boxes(new Set([id])) ?? [];
    if (!canvas || !box) return;
    const { scale } = canvas.view;
    const { clientWidth, clientHeight } = canvas.element;
    canvas.view = {
      x: clientWidth / 2 / scale - (box[0] + box[2] / 2),
      y: clientHeight / 2 / scale - (box[1] + box[3] / 2),
      scale,
    };
  });
}

/** What runs and what waits. */
export async function cancelAll(editor: Editor): Promise<void> {
  try {
    await editor.api.cancelAll();
  } catch (error) {
    editor.say({ text: "Cannot cancel the runs", more: (error as Error).message, bad: true });
  }
}

export async function cancelRun(editor: Editor, id?: string): Promise<void> {
  const run =
    id ??
    editor.runs.active.findLast(({ summary }) => summary.state !== "queued")?.summary.id ??
    editor.runs.active[0]?.summary.id;
  if (run === undefined) return;
  try {
    await editor.api.cancel(run);
  } catch (error) {
    editor.say({ text: "Cannot cancel the run", more: (error as Error).message, bad: true });
  }
}

/** Puts a run that waits so many places further on among those that wait. */
export async function moveRun(editor: Editor, id: string, by: number): Promise<void> {
  const waiting = waitingRuns(editor);
  const at = waiting.findIndex(({ summary }) => summary.id === id);
  const other = waiting[Math.max(0, Math.min(waiting.length - 1, at + by))];
  if (at < 0 || !other || other.summary.id === id) return;
  try {
    await editor.api.place(id, by < 0 ? { before: other.summary.id } : { after: other.summary.id });
    announce(`Run ${waiting[at].summary.number} comes ${by < 0 ? "before" : "after"} run ${other.summary.number}`);
  } catch (error) {
    editor.say({ text: "The order stays as it is", more: (error as Error).message, bad: true });
  }
}

/** In the order in which they are due. */
export const waitingRuns = (editor: Editor): readonly RunView[] =>
  editor.runs.active
    .filter(({ summary }) => summary.state === "queued")
    .sort((a, b) => (a.summary.position ?? 0) - (b.summary.position ?? 0) || a.summary.number - b.summary.number);

/** Shows a run's states and pictures on the document; what events came before are fetched too. */
export function showRun(editor: Editor, { summary }: RunView): void {
  editor.apply(
    inActive((tab) => withPicked(tab, summary.id)),
    put({ step: undefined }),
  );
  if (editor.tab) editor.runs.follow(summary.id);
}

/** Each tab shows the run that is at work for it: when one is over, the next that has begun. */
export function followRuns(editor: Editor): void {
  const has = (id: string, what: "begun" | "ended") => {
    const run = editor.runs.byId.get(id);
    return run !== undefined && (what === "ended" ? hasEnded(run) : run.summary.state !== "queued");
  };
  editor.listen((changes) => {
    if (!changes.has("runs")) return;
    for (const tab of editor.state.tabs)
      if (tab.next.length > 0) editor.apply(inTab(tab.key, (tab) => advanced(tab, has)));
  });
}

/** On opening: a run that goes on is shown, in its tab or in one of its own; behind, if somebody is at something else by then. */
export async function joinRunning(editor: Editor, isIdle: () => boolean = () => true): Promise<void> {
  for (const { run } of editor.state.tabs) if (run) editor.runs.follow(run);
  const [latest] = editor.runs.all.filter((run) => !hasEnded(run) && run.summary.state !== "queued");
  if (!latest || editor.state.tabs.some(({ run }) => run === latest.summary.id)) return;
  const document = await editor.api
    .run(latest.summary.id)
    .then(({ graph }) => readDocument(graph))
    .catch(() => undefined);
  if (!document) return; // It goes on unseen, in the row of runs; the editor starts all the same.
  const { id, title, number } = latest.summary;
  const { tabs, examples } = editor.state;
  const open = tabs.find((tab) => document.about.id === tab.key);
  const saved = examples.find((one) => one.id !== undefined && one.id === document.about.id && !one.builtIn);
  const tab = open ?? newTab(saved?.name ?? tabName(editor, title || `run-${number}`), document, document.about.id);
  if (!open) editor.apply(added(tab));
  editor.apply(inTab(tab.key, (tab) => ({ ...tab, run: id, ran: document })));
  editor.runs.follow(id);
  if (isIdle()) editor.show(tab.key);
}

/** For those who listen. */
export function announce(text: string): void {
  const live = document.getElementById("live");
  if (live) live.textContent = text;
}
