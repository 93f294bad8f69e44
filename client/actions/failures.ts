/** A run that fails is told on its node; where that node is out of sight, also here, with the way to it. */
import { failedNode } from "../runs/run-view.ts";
import { titleAt } from "../state/problems.ts";
import { documentOf, type Tab } from "../state/tab.ts";
import type { Editor } from "./editor.ts";
import { announce, reveal } from "./running.ts";

export function tellFailures(editor: Editor): void {
  const active = new Set<string>();
  editor.listen((changes) => {
    if (!changes.has("runs")) return;
    for (const run of editor.runs.all) {
      const { id, state } = run.summary;
      const { tab } = editor;
      if (state === "running") active.add(id);
      else if (state === "failed" && active.delete(id) && tab?.run === id) tell(editor, tab, id);
    }
  });
}

function tell(editor: Editor, tab: Tab, id: string): void {
  const run = editor.runs.byId.get(id);
  const failed = run && failedNode(run);
  if (!failed) return;
  const { path, message } = failed;
  const text = `${titleAt(documentOf(tab), path, editor.catalogue) ?? path} failed`;
  announce(`${text}: ${message}`);
  if (isInSight(editor, tab, path)) return;
  const action = { label: "Go to the node", run: () => reveal(editor, path) };
  editor.say({ text, more: message, bad: true, action });
}

/** On the level one looks at, and within the canvas. */
function isInSight({ canvas }: Editor, { level }: Tab, path: string): boolean {
  const ids = path.split("/").map(Number);
  if (!canvas || ids.slice(0, -1).join("/") !== level.join("/")) return false;
  const [box] = canvas.boxes(new Set([ids.at(-1) as number]));
  if (!box) return false;
  const { x, y, scale } = canvas.view;
  const { clientWidth, clientHeight } = canvas.element;
  const [left, top] = [(box[0] + x) * scale, (box[1] + y) * scale];
  return left < clientWidth && top < clientHeight && left + box[2] * scale > 0 && top + box[3] * scale > 0;
}
