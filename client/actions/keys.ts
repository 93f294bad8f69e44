/**
 * The keys: those of the commands are bound from their own table, which also heads menus and, together with the gestures
 * below, fills the page of shortcuts. What is typed into a field stays there.
 */
import { type Command, commands, openPalette } from "./commands.ts";
import type { Editor } from "./editor.ts";
import { isMenuKey, openMenuByKey } from "./menu-by-key.ts";
import { handToField, keepFocusInFields } from "./overlay-keys.ts";

/** What a hand does with a mouse or a held key; the alternatives of each. */
export const gestures: readonly { readonly hands: readonly string[]; readonly label: string }[] = [
  { hands: ["Double-click"], label: "Find a node, open a sampler, write a note" },
  { hands: ["Drag a slot"], label: "Pull a wire; into empty space: what fits it" },
  { hands: ["Click a wire"], label: "Insert a node, in a loop show what passes, remove the wire" },
  { hands: ["Alt+Click a wire"], label: "Lead it through a point" },
  { hands: ["Ctrl+Click", "Shift+Click"], label: "Add to the selection" },
  { hands: ["Ctrl+Drag"], label: "Select a box" },
  { hands: ["Space+Drag", "Middle button"], label: "Pan" },
  {
    hands: ["Right-click", "Shift+F10"],
    label: "The menu of what is there, or of what is selected; in a loop: show what passes",
  },
];

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

/** A button that was clicked on keeps no keys for itself: Delete and the arrows are the canvas's again. */
function handBack(editor: Editor, { detail, target }: MouseEvent): void {
  const button = detail > 0 && target instanceof Element && target.closest("header.top, .crumbs, .zoom, .rail");
  if (!button) return;
  requestAnimationFrame(() => {
    const isThere = document.activeElement === document.body || button.contains(document.activeElement);
    if (isThere && !editor.state.overlay && editor.tab) editor.canvas?.element.focus({ preventScroll: true });
  });
}

export function bindKeys(editor: Editor): void {
  let spaceAt = 0;
  // The canvas shows that it has the focus to those who came by key.
  const by = (what: "pointer" | "key") => {
    document.body.dataset.by = what;
  };
  addEventListener(
    "pointerdown",
    () => {
      by("pointer");
      [cameByKey, lastKey] = [false, ""];
      spaceAt = 0; // Held for a press, it pans, however short that is.
    },
    true,
  );
  // Who came to the canvas by key goes on by key; who works on it with the pointer finds nodes with Tab.
  let [cameByKey, lastKey] = [false, ""];
  addEventListener(
    "focusin",
    ({ target }) => {
      if (target === editor.canvas?.element) cameByKey = lastKey === "Tab" || lastKey === "F6";
    },
    true,
  );
  addEventListener(
    "keydown",
    ({ key }) => {
      lastKey = key;
      if (key === "Tab" || key === "F6") by("key");
    },
    true,
  );
  addEventListener("click", (event) => handBack(editor, event));
  keepFocusInFields();
  // The key that opened a menu of ours opens none of the browser's over it.
  addEventListener("contextmenu", (event) => editor.state.overlay?.is === "menu" && event.preventDefault());
  addEventListener("keydown", (event) => {
    const command = (Object.values(commands) as Command[]).find(({ keys }) => matches(event, keys));
    if (isTyping(event) && !command?.whileTyping) {
      if (event.key === "Escape") (event.target as HTMLElement).blur();
      return;
    }
    if (editor.state.overlay && event.key !== "Escape" && !command?.whileTyping && handToField(event)) return;
    const onCanvas = document.activeElement === document.body || document.activeElement === editor.canvas?.element;
    if (event.code === "Space" && !event.repeat && onCanvas) spaceAt = performance.now();
    const isInList = document.activeElement?.closest(".mirror") != null;
    if (isMenuKey(event) && (onCanvas || isInList) && editor.tab && !editor.state.overlay) {
      event.preventDefault();
      openMenuByKey(editor);
      return;
    }
    const isOnIt = document.activeElement === editor.canvas?.element && !cameByKey;
    if (event.key === "Tab" && !isOnIt && !event.ctrlKey && !event.altKey) return;
    // The arrows belong to the panels, unless the canvas has the focus.
    if (!onCanvas && /^(Arrow|Enter$|Delete|Backspace)/.test(event.key) && !event.ctrlKey && !event.altKey) return;
    if (!command || (!editor.tab && !command.everywhere)) return;
    event.preventDefault();
    command.run(editor, event);
  });
  addEventListener("keyup", (event) => {
    const tapped = event.code === "Space" && spaceAt > 0 && performance.now() - spaceAt < 250;
    spaceAt = 0;
    if (tapped && editor.tab && !editor.state.overlay && !isTyping(event)) openPalette(editor);
  });
}
