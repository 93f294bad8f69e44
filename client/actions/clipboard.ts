/**
 * The clipboard, as far as the browser gives it. To pages of https and of this machine it gives an interface; to the page of a
 * server that is reached by http and an address it gives none, and then a text goes in as a person's copy does, from a field.
 */
import type { Editor } from "./editor.ts";

/** Whether the text is there now. */
export async function toClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyField(text);
  }
}

function copyField(text: string): boolean {
  const field = document.createElement("textarea");
  const before = document.activeElement;
  field.value = text;
  field.style.cssText = "position: fixed; opacity: 0";
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  (before as HTMLElement | null)?.focus?.();
  return isCopied;
}

/** What is there; undefined where the page may not read it. */
export async function fromClipboard(): Promise<string | undefined> {
  try {
    return await navigator.clipboard.readText();
  } catch {
    return undefined;
  }
}

/** Copies what a person asked for, and says so; or says what to do instead. */
export async function copyForPerson(editor: Editor, what: string, text: string, instead: string): Promise<void> {
  if (await toClipboard(text)) editor.say({ text: `${what} is in the clipboard` });
  else {
    const more = `The browser does not let this page write into it. ${instead}`;
    editor.say({ text: `${what} is not in the clipboard`, more, bad: true });
  }
}
