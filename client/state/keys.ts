/** Keys to commands. What is typed into a field stays there. */
import { type Command, commands, openPalette } from "./commands.ts";
import type { Editor } from "./editor.ts";

const isMac = navigator.platform.startsWith("Mac");

function matches(event: KeyboardEvent, keys: string): boolean {
  return keys.split(" ").some((one) => {
    const parts = one.split("+").filter(Boolean);
    const key = one.endsWith("+") ? "+" : (parts.pop() ?? "");
    const wants = (name: string) => parts.includes(name);
    const ctrl = isMac ? event.metaKey : event.ctrlKey;
    const shiftMatters = /^[a-z]|\w\w/i.test(key);
    return (
      event.key.toLowerCase() === key.toLowerCase() &&
      ctrl === wants("Ctrl") &&
      event.altKey === wants("Alt") &&
      (!shiftMatters || event.shiftKey === wants("Shift"))
    );
  });
}

const isTyping = ({ target }: Event): boolean =>
  target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;

export function bindKeys(editor: Editor): void {
  let spaceAt = 0;
  // The canvas shows that it has the focus to those who came by key.
  const by = (what: "pointer" | "key") => {
    document.body.dataset.by = what;
  };
  addEventListener("pointerdown", () => by("pointer"), true);
  addEventListener("keydown", ({ key }) => (key === "Tab" || key === "F6") && by("key"), true);
  addEventListener("keydown", (event) => {
    if (event.key === "F6") return roundLandmarks(event);
    if (isTyping(event) && !((event.ctrlKey || event.metaKey || event.altKey) && event.key === "Enter")) {
      if (event.key === "Escape") (event.target as HTMLElement).blur();
      return;
    }
    if (event.key === "/" && editor.left === "nodes") {
      document.querySelector<HTMLInputElement>(".left input")?.focus();
      return event.preventDefault();
    }
    const onCanvas = document.activeElement === document.body || document.activeElement === editor.canvas?.element;
    if (event.code === "Space" && !event.repeat && onCanvas) spaceAt = performance.now();
    // Tab and the arrows belong to the panels, unless the canvas has the focus.
    if (!onCanvas && /^(Tab|Arrow|Enter$|Delete|Backspace)/.test(event.key) && !event.ctrlKey && !event.altKey) return;
    const command = (Object.values(commands) as Command[]).find(({ keys }) => matches(event, keys));
    if (!command || (!editor.tab && !command.everywhere)) return;
    event.preventDefault();
    command.run(editor);
  });
  addEventListener("keyup", (event) => {
    const tapped = event.code === "Space" && spaceAt > 0 && performance.now() - spaceAt < 250;
    spaceAt = 0;
    if (tapped && editor.tab && !editor.overlay && !isTyping(event)) openPalette(editor);
  });
}

function roundLandmarks(event: KeyboardEvent): void {
  const all = [...document.querySelectorAll<HTMLElement>("header.top, .rail, aside, main, footer.strip")];
  const here = all.findLastIndex((element) => element.contains(document.activeElement));
  const next = all[(here + (event.shiftKey ? -1 : 1) + all.length) % all.length];
  const first = next?.querySelector<HTMLElement>("canvas, button, input, select, textarea, [tabindex]");
  first?.focus();
  event.preventDefault();
}
