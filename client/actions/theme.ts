/** Dark, light, or as the system is: as one chose it in this browser. */
import type { Theme, ThemeChoice } from "../look/theme.ts";
import { put } from "../state/state.ts";
import type { Editor } from "./editor.ts";

const storageKey = "guidegraph.theme";
const choices: readonly string[] = ["dark", "light", "system"] satisfies ThemeChoice[];

export function keptTheme(): ThemeChoice {
  const kept = localStorage.getItem(storageKey) ?? "";
  return choices.includes(kept) ? (kept as ThemeChoice) : "dark";
}

const system = () => matchMedia("(prefers-color-scheme: light)");

export const themeOf = (choice: ThemeChoice): Theme =>
  choice !== "system" ? choice : system().matches ? "light" : "dark";

export function setTheme(editor: Editor, themeChoice: ThemeChoice): void {
  localStorage.setItem(storageKey, themeChoice);
  editor.apply(put({ themeChoice, theme: themeOf(themeChoice) }));
  showTheme(editor);
}

/** Day and night come while the page is open. */
export function followSystem(editor: Editor): void {
  system().addEventListener("change", () => {
    if (editor.state.themeChoice === "system") setTheme(editor, "system");
  });
}

export function showTheme({ state: { theme }, canvas }: Editor): void {
  document.documentElement.dataset.theme = theme;
  if (canvas) canvas.theme = theme;
}
