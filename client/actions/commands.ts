/** Everything a person can do by key or menu: one list, from which keys, menus and the page of shortcuts are made. */
import { isBorder } from "../../graphs/document/index.ts";
import { duplicateNodes } from "../edit/clipboard.ts";
import { addGroup, removeNodes, toggleLook, toggleOff } from "../edit/graph.ts";
import { dissolveSubgraph, makeSubgraph } from "../edit/subgraph.ts";
import { put } from "../state/state.ts";
import { pathIn } from "../state/tab.ts";
import { dismissed, focused, opened, toggled, toggledQueue } from "../state/ui.ts";
import { pickFiles } from "./bringing.ts";
import { copy, paste } from "./copying.ts";
import type { Editor } from "./editor.ts";
import { findInList, roundLandmarks } from "./landmarks.ts";
import { align, nudge, tidy } from "./laying-out.ts";
import { clearSight } from "./narrow.ts";
import { besideOthers } from "./placing.ts";
import { renameSelected, saveNamed } from "./renaming.ts";
import { cancelRun, startRun } from "./running.ts";
import { walkTo } from "./walking.ts";

export interface Command {
  readonly label: string;
  /** "Ctrl+Shift+G"; Ctrl is ⌘ on a Mac. Several are separated by spaces. */
  readonly keys: string;
  readonly run: (editor: Editor, event?: KeyboardEvent) => void;
  /** Works on the start page too. */
  readonly everywhere?: true;
  /** Works while a field has the focus. */
  readonly whileTyping?: true;
}

const pick = (editor: Editor) => editor.selection;
const some = (editor: Editor, act: (ids: ReadonlySet<number>) => void) => pick(editor).size > 0 && act(pick(editor));

export const commands = {
  run: { label: "Run", keys: "Ctrl+Enter", whileTyping: true, run: (editor) => void startRun(editor) },
  runFirst: {
    label: "Run first in the queue",
    keys: "Ctrl+Shift+Enter",
    whileTyping: true,
    run: (editor) => void startRun(editor, { first: true }),
  },
  runTo: {
    label: "Run to here",
    keys: "Alt+Enter",
    whileTyping: true,
    run: (editor) =>
      some(
        editor,
        (ids) =>
          editor.tab && void startRun(editor, { targets: [...ids].map((id) => pathIn(editor.tab as never, id)) }),
      ),
  },
  cancel: {
    label: "Cancel the running one",
    keys: "Ctrl+Alt+Enter",
    whileTyping: true,
    run: (editor) => void cancelRun(editor),
  },
  queue: { label: "Show the queue", keys: "Q", everywhere: true, run: (editor) => editor.apply(toggledQueue) },
  undo: { label: "Undo", keys: "Ctrl+Z", run: (editor) => editor.undo() },
  redo: { label: "Redo", keys: "Ctrl+Shift+Z Ctrl+Y", run: (editor) => editor.redo() },
  copy: { label: "Copy", keys: "Ctrl+C", run: (editor) => some(editor, (ids) => void copy(editor, ids)) },
  cut: {
    label: "Cut",
    keys: "Ctrl+X",
    run: (editor) =>
      some(editor, (ids) => {
        // The browser may ask before it takes the copy; by then one may look at another graph.
        void copy(editor, ids);
        editor.edit((graph) => removeNodes(graph, ids));
      }),
  },
  paste: { label: "Paste", keys: "Ctrl+V", run: (editor) => void paste(editor) },
  pasteWired: {
    label: "Paste keeping incoming wires",
    keys: "Ctrl+Shift+V",
    run: (editor) => void paste(editor, { wired: true }),
  },
  duplicate: { label: "Duplicate", keys: "Ctrl+D", run: (editor) => some(editor, (ids) => duplicate(editor, ids)) },
  remove: {
    label: "Delete",
    keys: "Delete Backspace",
    run: (editor) => some(editor, (ids) => editor.edit((graph) => removeNodes(graph, ids))),
  },
  all: {
    label: "Select all",
    keys: "Ctrl+A",
    run: (editor) => editor.select(new Set(editor.graph.nodes.map(({ id }) => id))),
  },
  bypass: {
    label: "Bypass",
    keys: "Ctrl+B",
    run: (editor) => some(editor, (ids) => editor.edit((graph) => toggleOff(graph, ids, "bypassed"))),
  },
  mute: {
    label: "Mute",
    keys: "Ctrl+M",
    run: (editor) => some(editor, (ids) => editor.edit((graph) => toggleOff(graph, ids, "muted"))),
  },
  collapse: {
    label: "Collapse",
    keys: "Alt+C",
    run: (editor) => some(editor, (ids) => editor.edit((graph) => toggleLook(graph, ids, "collapsed"))),
  },
  pin: {
    label: "Pin",
    keys: "P",
    run: (editor) => some(editor, (ids) => editor.edit((graph) => toggleLook(graph, ids, "pinned"))),
  },
  group: { label: "Group", keys: "Ctrl+G", run: (editor) => some(editor, (ids) => group(editor, ids)) },
  subgraph: {
    label: "Make a subgraph",
    keys: "Ctrl+Shift+G",
    run: (editor) => some(editor, (ids) => subgraph(editor, ids)),
  },
  dissolve: { label: "Take the subgraph apart", keys: "Ctrl+Shift+U", run: (editor) => dissolve(editor) },
  alignLeft: { label: "Align left edges", keys: "Alt+Shift+L", run: (editor) => align(editor, 0) },
  alignTop: { label: "Align top edges", keys: "Alt+Shift+T", run: (editor) => align(editor, 1) },
  tidy: { label: "Lay out", keys: "Alt+Shift+A", run: (editor) => tidy(editor) },
  rename: { label: "Rename", keys: "F2", run: renameSelected },
  findNode: {
    label: "Find in this graph",
    keys: "Ctrl+F",
    run: (editor) => editor.apply(opened({ is: "find", query: "", index: 0 })),
  },
  fit: {
    label: "Fit the selection, or all",
    keys: ".",
    run: (editor) => editor.canvas?.fit(pick(editor).size > 0 ? pick(editor) : undefined),
  },
  zoomIn: { label: "Zoom in", keys: "Alt+=", run: (editor) => editor.canvas?.zoom(1.2) },
  zoomOut: { label: "Zoom out", keys: "Alt+-", run: (editor) => editor.canvas?.zoom(1 / 1.2) },
  palette: { label: "Find a node", keys: "Tab Space", run: (editor) => openPalette(editor) },
  nodes: { label: "Nodes", keys: "N", run: (editor) => editor.apply(toggled("left")) },
  inspector: { label: "Inspector", keys: "I", run: (editor) => editor.apply(toggled("inspector")) },
  strip: { label: "Runs", keys: "J", run: (editor) => editor.apply(toggled("strip")) },
  focus: { label: "Canvas only", keys: "F", run: (editor) => editor.apply(focused) },
  save: { label: "Save as a file", keys: "Ctrl+S", run: saveNamed },
  open: { label: "Open a file", keys: "Ctrl+O", run: (editor) => pickFiles(editor), everywhere: true },
  find: { label: "Find in the list of nodes, or of examples", keys: "/", everywhere: true, run: findInList },
  round: {
    label: "From panel to panel",
    keys: "F6 Shift+F6",
    everywhere: true,
    whileTyping: true,
    run: (_, event) => roundLandmarks(event?.shiftKey ?? false),
  },
  left: { label: "Move left", keys: "ArrowLeft", run: nudge(-8, 0) },
  right: { label: "Move right", keys: "ArrowRight", run: nudge(8, 0) },
  up: { label: "Move up", keys: "ArrowUp", run: nudge(0, -8) },
  down: { label: "Move down", keys: "ArrowDown", run: nudge(0, 8) },
  walkLeft: { label: "Walk to what feeds it", keys: "Alt+ArrowLeft", run: walkTo("left") },
  walkRight: { label: "Walk to what reads it", keys: "Alt+ArrowRight", run: walkTo("right") },
  walkUp: { label: "Walk up beside it", keys: "Alt+ArrowUp", run: walkTo("up") },
  walkDown: { label: "Walk down beside it", keys: "Alt+ArrowDown", run: walkTo("down") },
  leave: { label: "Close, leave the subgraph", keys: "Escape", run: (editor) => stepBack(editor), everywhere: true },
  shortcuts: {
    label: "Shortcuts",
    keys: "?",
    everywhere: true,
    run: (editor) => editor.apply(opened({ is: "shortcuts" })),
  },
  settings: {
    label: "Settings",
    keys: "Ctrl+,",
    everywhere: true,
    run: (editor) => editor.apply(opened({ is: "settings" })),
  },
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof commands;

function duplicate(editor: Editor, ids: ReadonlySet<number>): void {
  const pasted = besideOthers(editor, duplicateNodes(editor.graph, ids));
  editor.edit(() => pasted.graph);
  editor.select(pasted.ids);
}

function group(editor: Editor, ids: ReadonlySet<number>): void {
  const boxes = editor.canvas?.boxes(ids) ?? [];
  editor.edit((graph) => addGroup(graph, "Group", boxes));
}

function subgraph(editor: Editor, ids: ReadonlySet<number>): void {
  const borders = editor.graph.nodes.filter((node) => ids.has(node.id) && isBorder(node));
  if (borders.length > 0) {
    const more = "Select the nodes between them.";
    editor.say({ text: "Graph inputs and outputs stay outside a subgraph", more, bad: true });
    return;
  }
  const made = makeSubgraph(editor.graph, ids, "Subgraph", editor.catalogue);
  editor.edit(() => made.graph);
  editor.select(new Set([made.id]));
}

function dissolve(editor: Editor): void {
  const [id] = pick(editor);
  const apart = id === undefined ? undefined : dissolveSubgraph(editor.graph, id);
  if (!apart) {
    editor.say({ text: "Select a subgraph to take apart" });
    return;
  }
  editor.edit(() => apart.graph);
  editor.select(apart.ids);
}

export function openPalette(editor: Editor): void {
  const { canvas } = editor;
  if (!canvas) return;
  const { left, top, width } = canvas.element.getBoundingClientRect();
  const at = [left + width / 2 - 150, top + 80] as const;
  editor.apply(opened({ is: "palette", at, query: "", index: 0 }));
}

function stepBack(editor: Editor): void {
  if (editor.state.overlay) editor.apply(dismissed());
  else if (clearSight(editor)) return;
  else if (!editor.tab) editor.apply(put({ exampleSearch: "" }));
  else if (editor.selection.size > 0) editor.select(new Set());
  else if (editor.tab && editor.tab.level.length > 0) editor.goTo(editor.tab.level.slice(0, -1));
}
