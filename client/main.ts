import "./no-eval.ts";
import "@fontsource-variable/inter";
import "@fontsource-variable/jetbrains-mono";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/frame.css";
import "./styles/panels.css";
import "./styles/floating.css";
import "./styles/start.css";
import "./styles/touch.css";
import "./styles/narrow.css";
import { render } from "lit";
import { openDocument, openFiles, openGraph } from "./actions/documents.ts";
import { type Change, Editor } from "./actions/editor.ts";
import { tellFailures } from "./actions/failures.ts";
import { hostFor } from "./actions/host.ts";
import { keepTabs, restoreTabs } from "./actions/keeping.ts";
import { bindKeys } from "./actions/keys.ts";
import { placesFor } from "./actions/laying-out.ts";
import { insertSampler, placeNode } from "./actions/placing.ts";
import { joinRunning } from "./actions/running.ts";
import { graphInLink } from "./actions/sharing.ts";
import { updateCards } from "./actions/statuses.ts";
import { Surveys } from "./actions/surveys.ts";
import type { Lookups } from "./canvas/around.ts";
import type { Card } from "./canvas/card.ts";
import { EditorCanvas } from "./canvas/editor-canvas.ts";
import { type Box, fitView, unionOf } from "./canvas/view.ts";
import { overlaps } from "./edit/arrange.ts";
import { moveNodes, type Point } from "./edit/graph.ts";
import { begin } from "./edit/history.ts";
import { graphAt, withGraphAt } from "./edit/level.ts";
import { isUntouched, originOf, standing } from "./edit/origin.ts";
import { shell } from "./panels/shell.ts";
import { classNamesFor, namedClasses } from "./state/class-names.ts";
import { fileFacts } from "./state/facts.ts";
import { documentOf } from "./state/tab.ts";

/** Text on nodes is then at least 10 pixels high on first sight. */
const leastScale = 0.8;
const opensWith = "guided-ddim";
const editor = new Editor();
const root = document.getElementById("app") as HTMLElement;
document.documentElement.dataset.theme = editor.theme;

const lookups = (): Lookups => ({
  catalogue: editor.catalogue,
  fileFacts: (file) => fileFacts(editor, file),
  watched: (id) => editor.watched(id),
  classes: (node) => {
    const names = classNamesFor(editor, node);
    return names && namedClasses(String(node.properties.classes ?? ""), names);
  },
  origin: (graph) => {
    const origin = originOf(graph, editor.samplers);
    return origin && `${origin.name} · ${standing(origin)}`;
  },
});

// Drawing: whatever changed meanwhile is drawn once, in the next frame.
const pending = new Set<Change>();
let isScheduled = false;

function draw(): void {
  isScheduled = false;
  const changes = new Set(pending);
  pending.clear();
  const { canvas } = editor;
  // What floats over the canvas changes nothing on it.
  if (canvas && editor.tab && [...changes].some((change) => change !== "chrome")) {
    if (changes.has("document") || changes.has("view")) canvas.show(editor.graph, lookups());
    canvas.selection = editor.selection;
    updateCards(editor);
  }
  render(shell(editor, { canvas: attach, drop }), root);
  if (canvas && editor.tab && changes.has("view")) settle(canvas);
}

/** A level seen for the first time: placed if nobody has placed it, and fitted. */
function settle(canvas: EditorCanvas): void {
  const { tab } = editor;
  if (!tab) return;
  const view = tab.views.get(tab.level.join("/"));
  if (view) {
    canvas.view = view;
    return;
  }
  const places = betterPlaces(canvas);
  if (places) {
    const isNew = tab.saved === documentOf(tab);
    const placed = withGraphAt(documentOf(tab), tab.level, moveNodes(editor.graph, places), editor.catalogue);
    // Placing is no edit: it makes no undo step, and a document that was only opened stays unsaved.
    tab.history = tab.history.past.length === 0 ? begin(placed) : { ...tab.history, present: placed };
    if (isNew) tab.saved = placed;
    if (tab.ran) tab.ran = undefined;
    canvas.show(editor.graph, lookups());
    updateCards(editor);
    void editor.surveys?.keep();
  }
  canvas.fit(undefined, leastScale);
}

/**
 * Where its cards would lie better: when they lie on each other, or when a graph must be zoomed out to be seen and need
 * not be. A graph with an own past stays.
 */
function betterPlaces(canvas: EditorCanvas): ReadonlyMap<number, Point> | undefined {
  const { tab } = editor;
  if (!tab) return undefined;
  const boxes = canvas.boxes();
  if (overlaps(boxes)) return placesFor(editor);
  const holders = tab.level.map((_, depth) => graphAt(documentOf(tab), tab.level.slice(0, depth + 1)));
  if (tab.history.past.length > 0 && !holders.some(isUntouched)) return undefined;
  const scaleOf = (boxes: readonly Box[]) =>
    boxes.length === 0
      ? 1
      : fitView(unionOf(boxes), canvas.element.clientWidth, canvas.element.clientHeight, 0.1).scale;
  if (scaleOf(boxes) >= leastScale) return undefined;
  const places = placesFor(editor);
  const placed = [...places].map(([id, [x, y]]): Box => {
    const { box, head } = canvas.card(id) as Card;
    return [x, y - head, box[2], box[3]];
  });
  return scaleOf(placed) > scaleOf(boxes) * 1.1 ? places : undefined;
}

function attach(element: Element | undefined): void {
  if (!element || editor.canvas) return;
  editor.canvas = new EditorCanvas(element as HTMLCanvasElement, hostFor(editor));
  editor.canvas.theme = editor.theme;
  editor.changed("view");
}

function drop(event: DragEvent): void {
  event.preventDefault();
  const at = editor.canvas?.toCanvas([event.clientX, event.clientY]);
  const type = event.dataTransfer?.getData("guidegraph/node");
  const sampler = event.dataTransfer?.getData("guidegraph/sampler");
  if (type && at) placeNode(editor, type, at);
  else if (sampler) void insertSampler(editor, sampler, at);
  else void openFiles(editor, [...(event.dataTransfer?.files ?? [])]);
}

editor.listen((change) => {
  pending.add(change);
  if (!isScheduled) requestAnimationFrame(draw);
  isScheduled = true;
});
addEventListener(
  "pointerdown",
  ({ target }) => {
    if (editor.overlay && !(target as Element).closest?.(".popup, .dialog, .badge")) {
      editor.overlay = undefined;
      editor.changed();
    }
  },
  true,
);

async function begins(): Promise<void> {
  await editor.api.session();
  await Promise.all([
    editor.load(),
    ...['600 13px "Inter Variable"', '400 12px "Inter Variable"', '500 12px "JetBrains Mono Variable"'].map((font) =>
      document.fonts.load(font),
    ),
  ]);
  editor.surveys = new Surveys(editor);
  restoreTabs(editor);
  let unread: Error | undefined;
  try {
    const shared = graphInLink(location.hash);
    if (shared) {
      openDocument(editor, shared, shared.about.title ?? "shared");
      history.replaceState(null, "", location.pathname + location.search);
    }
  } catch (error) {
    unread = error as Error;
  }
  if (editor.tabs.length === 0) await openGraph(editor, opensWith);
  // Opening a document takes away what was said before.
  if (unread)
    editor.say({ text: "The graph in this link cannot be read", more: unread.message.split("\n")[0], bad: true });
  editor.ready = true;
  await joinRunning(editor);
  keepTabs(editor);
  tellFailures(editor);
  bindKeys(editor);
}

editor.changed("view");
void begins().catch((error: Error) =>
  editor.say({ text: "The server cannot be reached", more: error.message, bad: true }, 1e9),
);
// For tests and the curious: the state, to look at.
Object.assign(window, { guidegraph: editor });
