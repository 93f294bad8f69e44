/** While something runs, what is left of it is told anew each second, also where a step takes longer. */
import type { Editor } from "../actions/editor.ts";

export function tick(editor: Editor): void {
  setInterval(() => {
    const isRunning = editor.runs.active.some(({ summary }) => summary.state !== "queued");
    if (isRunning && document.visibilityState === "visible") editor.changed("runs");
  }, 1000);
}
