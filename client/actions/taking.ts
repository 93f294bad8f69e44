/** What another browser made of a document that is open here, and not edited, is shown here too. */
import { renamedThere, taken } from "../state/parting.ts";
import { documentOf, type Tab } from "../state/tab.ts";
import { inTab } from "../state/tabs.ts";
import type { Editor } from "./editor.ts";
import { isOwn, readStored, renameNotice } from "./stored-documents.ts";

/** The list says where to look, and may be older than what is saved from here since: what is there now counts. */
export async function takeLater(editor: Editor, { key, stored }: Tab): Promise<void> {
  if (!stored) return;
  const isUntouched = () => {
    const tab = editor.tabBy(key);
    return tab !== undefined && tab.saved === documentOf(tab) && tab.stored === stored;
  };
  const own = editor.state.examples.filter(({ builtIn, id = key }) => !builtIn && id === key);
  const listed = own.find(({ name }) => name === stored.name) ?? own.find(({ id }) => id === key);
  if (!listed || (listed.name === stored.name && listed.etag === stored.etag) || !isUntouched()) return;
  const there = await readStored(editor.api, listed.name).catch(() => undefined);
  // One of a newer version: it is said once something is changed here, which is then kept beside it.
  if (!isOwn(there, key) || !there.document || !isUntouched()) return;
  const { document, ...now } = there;
  if (now.name !== stored.name) {
    editor.apply(inTab(key, (tab) => renamedThere(tab, now.name)));
    editor.say(renameNotice(stored.name, now.name));
  }
  if (now.etag === stored.etag) return editor.apply(inTab(key, (tab) => ({ ...tab, stored: now })));
  editor.apply(inTab(key, (tab) => taken(tab, document, now)));
  editor.say({
    text: `“${now.name}” was changed in another browser`,
    more: "Here it is now as it is there; undo brings back what it was here.",
  });
}
