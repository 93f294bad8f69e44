/** Draws the page: whatever changed meanwhile once, in the next frame. */
import { render } from "lit";
import type { Editor } from "../actions/editor.ts";
import { hostFor } from "../actions/host.ts";
import { updateCards } from "../actions/statuses.ts";
import { EditorCanvas } from "../canvas/editor-canvas.ts";
import { keepingFocus } from "../panels/mirror.ts";
import { shell } from "../panels/shell.ts";
import type { Change } from "../state/changes.ts";
import { arrived } from "../state/tabs.ts";
import { lookups } from "./lookups.ts";
import { Room } from "./room.ts";
import { settle } from "./settling.ts";

export function draw(editor: Editor, root: HTMLElement): void {
  const room = new Room();
  const pending = new Set<Change>();
  const hooks = {
    canvas: (element: Element | undefined) => attach(editor, element),
  };
  const frame = () => {
    const changes = new Set(pending);
    pending.clear();
    updateCanvas(editor, changes, room);
    keepingFocus(() => render(shell(editor, hooks), root));
    if (changes.has("view")) settle(editor);
  };
  editor.listen((changes) => {
    if (pending.size === 0) requestAnimationFrame(frame);
    for (const change of changes) pending.add(change);
  });
  editor.apply(arrived);
}

/** What floats over the canvas changes nothing on it. */
function updateCanvas(editor: Editor, changes: ReadonlySet<Change>, room: Room): void {
  const { canvas } = editor;
  if (!canvas || !editor.tab || [...changes].every((change) => change === "chrome")) return;
  if (changes.has("document") || changes.has("facts") || changes.has("view")) {
    canvas.show(editor.graph, lookups(editor.state));
    if (room.make(editor)) canvas.show(editor.graph, lookups(editor.state));
  }
  canvas.selection = editor.selection;
  updateCards(editor);
}

/** The canvas is made when its element is on the page. */
function attach(editor: Editor, element: Element | undefined): void {
  if (!element || editor.canvas) return;
  editor.canvas = new EditorCanvas(element as HTMLCanvasElement, hostFor(editor));
  editor.canvas.theme = editor.state.theme;
  editor.apply(arrived);
}
