/** Dark or light, as one chose it in this browser. */
import type { Theme } from "../look/theme.ts";
import { put } from "../state/state.ts";
import type { Editor } from "./editor.ts";

const storageKey = "guidegraph.theme";

export const keptTheme = (): Theme => (localStorage.getItem(storageKey) as Theme | null) ?? "dark";

export function setTheme(editor: Editor, theme: Theme): void {
  localStorage.setItem(storageKey, theme);
  editor.apply(put({ theme }));
  showTheme(editor);
}

export function showTheme({ state: { theme }, canvas }: Editor): void {
  document.documentElement.dataset.theme = theme;
  if (canvas) canvas.theme = theme;
}
