import type { Theme } from "../look/theme.ts";
import type { Editor } from "./editor.ts";

export function setTheme(editor: Editor, theme: Theme): void {
  editor.theme = theme;
  localStorage.setItem("guidegraph.theme", theme);
  document.documentElement.dataset.theme = theme;
  if (editor.canvas) editor.canvas.theme = theme;
  editor.changed();
}
